import type { Fault, FaultHandle, Operation, Simulator } from '../simulator/index.js';
import { Random } from '../proof/random.js';
import { EXCHANGE_MS } from './kit.js';
import type { Plan } from './plan.js';
import type { Scale } from './scale.js';

/** What goes wrong with a request; `Retry-After` is told apart since it asks for a pause of its own. */
export const SERVICE_FAULTS = [
  'request lost',
  'answer lost',
  'throttled',
  'throttled, Retry-After',
  'answered late',
] as const;
export type ServiceFault = (typeof SERVICE_FAULTS)[number];

/** A look that is answered late shows nothing new; a restart or a stop may lose its worker meanwhile. */
const OF_LOOKS = SERVICE_FAULTS.filter((name) => name !== 'answered late');

/** How many requests of a kind can be struck, counted from the first; those after them pass. */
const REACH: Record<Exclude<Operation, 'list'>, number> = { detail: 80, restart: 6, stop: 8 };
const REACH_OF_LISTS = 2_500;

/** More than anybody here sends: what the gateway says of its budget must not slow the run down. */
const THROTTLED =
  'The throttling threshold has been reached: policy user over ratelimit,limit:6000,time:1 minute';

/** The requests that a fault is for. */
interface About {
  operation: Operation;
  jobId?: string;
  after?: number;
}

interface Installed {
  name: ServiceFault;
  operation: Operation;
  handle: FaultHandle;
}

/**
 * Has ModelArts lose and throttle requests. Which of a job's requests are struck, and how, is
 * decided by the seed, not by the order in which those of different jobs arrive.
 */
export class ServiceFaults {
  readonly #installed: Installed[] = [];
  readonly #shares: Readonly<Record<ServiceFault, number>>;

  constructor(
    readonly simulator: Simulator,
    { lost, throttled, answeredLate }: Scale,
  ) {
    this.#shares = {
      'request lost': lost,
      'answer lost': lost,
      throttled: throttled / 2,
      'throttled, Retry-After': throttled / 2,
      'answered late': answeredLate,
    };
  }

  install(plan: Plan): void {
    const random = new Random(plan.seed * 7_919 + 1);
    for (let nth = 0; nth < REACH_OF_LISTS; nth += 1) this.#strike(random, 'list', nth);
    // Each kind is sure to strike: at the first look at one of the first jobs.
    for (const [nth, { spec }] of plan.jobs.slice(0, 3 * OF_LOOKS.length).entries()) {
      const name = OF_LOOKS[nth % OF_LOOKS.length]!;
      this.#install(name, { operation: 'detail', jobId: spec.jobId });
    }
    for (const { spec } of plan.jobs) {
      const ofJob = new Random(plan.seed * 104_729 + Number(spec.jobId));
      for (const [operation, reach] of Object.entries(REACH)) {
        for (let nth = 0; nth < reach; nth += 1) {
          this.#strike(ofJob, operation as Operation, nth, spec.jobId);
        }
      }
    }
  }

  /** ModelArts behaves from here on. */
  remove(): void {
    for (const { handle } of this.#installed) handle.remove();
  }

  /** How many requests were struck in this way. */
  struck(name: ServiceFault, operation?: Operation): number {
    return this.#fired(
      (one) => one.name === name && (operation ?? one.operation) === one.operation,
    );
  }

  /** How many requests of this kind were struck, in whatever way. */
  onOperation(operation: Operation): number {
    return this.#fired((one) => one.operation === operation);
  }

  #fired(isMeant: (one: Installed) => boolean): number {
    return this.#installed.filter(isMeant).reduce((sum, { handle }) => sum + handle.fired, 0);
  }

  #strike(random: Random, operation: Operation, nth: number, jobId?: string): void {
    let left = random.next();
    const seconds = random.whole(1, 4);
    const about = { operation, after: nth, ...(jobId !== undefined && { jobId }) };
    const isLook = operation === 'detail' || operation === 'list';
    for (const name of isLook ? OF_LOOKS : SERVICE_FAULTS) {
      left -= this.#shares[name];
      if (left >= 0) continue;
      this.#install(name, about, seconds);
      return;
    }
  }

  #install(name: ServiceFault, about: About, seconds = 1): void {
    const handle = this.simulator.fault({ ...about, ...faultOf(name, seconds) });
    this.#installed.push({ name, operation: about.operation, handle });
  }
}

function faultOf(name: ServiceFault, seconds: number): Exclude<Fault, { kind: 'show-status' }> {
  switch (name) {
    case 'request lost':
      return { kind: 'request-lost' };
    case 'answer lost':
      return { kind: 'answer-lost' };
    case 'throttled':
      return { kind: 'throttle', text: THROTTLED };
    case 'throttled, Retry-After':
      return { kind: 'throttle', text: THROTTLED, retryAfter: seconds };
    case 'answered late':
      // Within the deadline of the exchange.
      return { kind: 'delay', ms: (seconds / 5) * EXCHANGE_MS, when: 'after' };
  }
}

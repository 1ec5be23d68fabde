import type { Fault, FaultHandle, Operation, Simulator } from '../simulator/index.js';
import { Random } from '../proof/random.js';
import { EXCHANGE_MS } from './kit.js';
import type { Plan } from './plan.js';
import type { Scale } from './scale.js';

/** What can go wrong with a request. The header `Retry-After` counts apart: it sets the pause. */
export const SERVICE_FAULTS = [
  'request lost',
  'answer lost',
  'throttled',
  'throttled, Retry-After',
  'answered late',
] as const;
export type ServiceFault = (typeof SERVICE_FAULTS)[number];

/** Only restarts and stops are answered late: their worker may die in the meantime. */
const OF_LOOKS = SERVICE_FAULTS.filter((name) => name !== 'answered late');

/** How many of a job's requests can be struck, counted from the first. Later ones pass. */
const REACH: Record<Exclude<Operation, 'list'>, number> = { detail: 80, restart: 6, stop: 8 };
const REACH_OF_LISTS = 2_500;

/** Names a budget that no worker here uses up, so that the budget does not slow the run down. */
const THROTTLED =
  'The throttling threshold has been reached: policy user over ratelimit,limit:6000,time:1 minute';

/** Which requests a fault is for. */
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
 * Makes ModelArts lose and throttle requests. The seed alone decides which of a job's requests are
 * struck, and how; the order in which requests of different jobs arrive does not matter.
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
    this.strikeLists(plan.seed);
    // Makes each kind strike at least once, at the first look at one of the first jobs.
    for (const [nth, { spec }] of plan.jobs.slice(0, 3 * OF_LOOKS.length).entries()) {
      const name = OF_LOOKS[nth % OF_LOOKS.length]!;
      this.#install(name, { operation: 'detail', jobId: spec.jobId });
    }
    this.strikeJobs(plan);
  }

  /** Strikes the next pages of the list. */
  strikeLists(seed: number): void {
    const random = new Random(seed * 7_919 + 1);
    for (let nth = 0; nth < REACH_OF_LISTS; nth += 1) this.#strike(random, 'list', nth);
  }

  /** Strikes requests about the jobs of the plan. */
  strikeJobs(plan: Plan): void {
    for (const { spec } of plan.jobs) {
      const ofJob = new Random(plan.seed * 104_729 + Number(spec.jobId));
      for (const [operation, reach] of Object.entries(REACH)) {
        for (let nth = 0; nth < reach; nth += 1) {
          this.#strike(ofJob, operation as Operation, nth, spec.jobId);
        }
      }
    }
  }

  /** Removes all faults. */
  remove(): void {
    for (const { handle } of this.#installed) handle.remove();
  }

  /** Returns how many requests this fault struck. */
  struck(name: ServiceFault, operation?: Operation): number {
    return this.#fired(
      (one) => one.name === name && (operation ?? one.operation) === one.operation,
    );
  }

  /** Returns how many requests for this operation were struck, by any fault. */
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
      // The answer still comes within the deadline of the exchange.
      return { kind: 'delay', ms: (seconds / 5) * EXCHANGE_MS, when: 'after' };
  }
}

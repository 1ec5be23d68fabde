import type { FaultHandle, Simulator } from '../simulator/index.js';
import { Random } from '../proof/random.js';
import type { Plan, PlannedJob } from './plan.js';
import type { Scale } from './scale.js';

/** A change of a job's status that no request caused. */
export interface OwnMove {
  jobId: string;
  at: number;
  status: number;
}

const LOOK_EVERY_MS = 50;

/** Moves jobs without a request, and lets some readings go back in time after a restart. */
export class OwnMoves {
  readonly made: OwnMove[] = [];
  #wentBack = 0;
  readonly #goingBack = new Map<string, { handles: FaultHandle[]; untilMs: number }>();
  readonly #random: Random;
  readonly #startedAt = Date.now();
  readonly #timer: NodeJS.Timeout;
  readonly #waiting: Set<PlannedJob>;
  readonly #watched: Set<PlannedJob>;

  constructor(
    readonly simulator: Simulator,
    plan: Plan,
    readonly scale: Scale,
  ) {
    this.#random = new Random(plan.seed * 41 + 13);
    this.#waiting = new Set(plan.jobs.filter(({ ownMove }) => ownMove !== undefined));
    this.#watched = new Set(plan.jobs.filter(({ goesBack }) => goesBack));
    this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS);
  }

  /** How many looks were shown the status from before the restart again. */
  get wentBack(): number {
    const all = [...this.#goingBack.values()].flatMap(({ handles }) => handles);
    return this.#wentBack + all.reduce((sum, { fired }) => sum + fired, 0);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const jobId of this.#goingBack.keys()) this.#stopGoingBack(jobId);
  }

  #tick(): void {
    const now = Date.now();
    for (const job of this.#waiting) {
      const { ownMove, spec } = job;
      const view = this.simulator.job(spec.jobId);
      const { status } = ownMove!;
      if (view.restartsAccepted + view.stopsAccepted > 0) this.#waiting.delete(job);
      else if (now >= this.#startedAt + ownMove!.afterMs) {
        this.simulator.setStatus(spec.jobId, status);
        this.made.push({ jobId: spec.jobId, at: now, status });
        this.#waiting.delete(job);
      }
    }
    for (const job of this.#watched) this.#goBack(job);
    for (const [jobId, { untilMs }] of this.#goingBack) {
      if (now >= untilMs) this.#stopGoingBack(jobId);
    }
  }

  /** Shows the old status again soon after the first restart, well within any settle time. */
  #goBack(job: PlannedJob): void {
    const { jobId, status } = job.spec;
    if (this.simulator.job(jobId).restartsAccepted === 0) return;
    this.#watched.delete(job);
    const after = this.#random.whole(1, 2);
    const fault = { jobId, kind: 'show-status', status } as const;
    const handles = [
      this.simulator.fault({ ...fault, operation: 'detail', after }),
      this.simulator.fault({ ...fault, operation: 'list', after, times: 2 }),
    ];
    const untilMs = Date.now() + this.scale.settleTime[0] / 2;
    this.#goingBack.set(jobId, { handles, untilMs });
  }

  #stopGoingBack(jobId: string): void {
    for (const handle of this.#goingBack.get(jobId)?.handles ?? []) {
      this.#wentBack += handle.fired;
      handle.remove();
    }
    this.#goingBack.delete(jobId);
  }
}

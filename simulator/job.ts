import { createHash } from 'node:crypto';
import { STATUS, type StatusGroup } from '../src/domain/status.js';
import type { Quirks } from './quirks.js';
import { checkedTimeline, DEFAULT_TIMELINES, type Timelines } from './timeline.js';

export type { Timelines, TimelineStep } from './timeline.js';

export interface JobSpec {
  /** A string of digits, also beyond 2^53, or a safe integer. */
  jobId: string | number;
  /** Default: the simulator's. */
  projectId?: string;
  /** The first status; any whole number. */
  status: number;
  /** Default: `job-<jobId>`. */
  name?: string;
  /** Default: empty. */
  description?: string;
  /** Default: `"0"`, the workspace that the list shows if the query names none. */
  workspaceId?: string;
  /** Default: a restart leads to 7 at once and to 8 after a second, a stop likewise to 9 and 12. */
  timelines?: Partial<Timelines>;
  /** Override the simulator's. */
  quirks?: Partial<Quirks>;
}

/** The true state of a job, and the status that answers show. */
export interface JobView {
  jobId: string;
  projectId: string;
  name: string;
  workspaceId: string;
  status: number;
  /** Since when the job has had that status, in ms since the epoch. */
  since: number;
  /** The status that detail and list show; differs from `status` while readings are stale. */
  shownStatus: number;
  restartsAccepted: number;
  stopsAccepted: number;
  /** When the last restart or stop was accepted, in ms since the epoch. */
  lastAcceptedAt?: number;
}

interface Run {
  acceptedAt: number;
  before: number;
  steps: Timelines['restart'];
}

const RESTARTABLE: readonly StatusGroup[] = ['failed', 'ended', 'odd'];
const STOPPABLE: readonly StatusGroup[] = ['up', 'starting'];
const rows: Readonly<Record<number, { group: StatusGroup }>> = STATUS;

/** One job's state machine. Computes the status when it is read, and so needs no timer. */
export class SimulatedJob {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly description: string;
  readonly workspaceId: string;
  readonly quirks: Quirks;
  readonly createdAt = Date.now();
  /** A hash of the id, so that a job has the same addresses in every run. */
  readonly hash: string;
  readonly timelines: Timelines;
  readonly accepted = { restart: 0, stop: 0 };
  #moved: { status: number; at: number };
  #run: Run | undefined;
  #lastAcceptedAt: number | undefined;

  constructor(spec: JobSpec, defaults: { projectId: string; quirks: Quirks }) {
    this.id = checkedId(spec.jobId);
    this.projectId = spec.projectId ?? defaults.projectId;
    this.name = spec.name ?? `job-${this.id}`;
    this.description = spec.description ?? '';
    this.workspaceId = spec.workspaceId ?? '0';
    this.quirks = { ...defaults.quirks, ...spec.quirks };
    this.hash = createHash('sha256').update(this.id).digest('hex');
    this.timelines = {
      restart: checkedTimeline(spec.timelines?.restart ?? DEFAULT_TIMELINES.restart),
      stop: checkedTimeline(spec.timelines?.stop ?? DEFAULT_TIMELINES.stop),
    };
    this.#moved = { status: checkedStatus(spec.status), at: this.createdAt };
  }

  /** Returns the true status, and since when the job has had it. */
  statusAt(now: number): { status: number; at: number } {
    const run = this.#run;
    const step = run?.steps.findLast(({ afterMs }) => run.acceptedAt + afterMs <= now);
    if (run === undefined || step === undefined) return this.#moved;
    return { status: step.status, at: run.acceptedAt + step.afterMs };
  }

  /** Returns the shown status: for `staleMs` after an accepted request, the status before it. */
  shownAt(now: number): { status: number; at: number } {
    const run = this.#run;
    if (run === undefined || now >= run.acceptedAt + this.quirks.staleMs) return this.statusAt(now);
    return { status: run.before, at: this.#moved.at };
  }

  /** Carries out a request, or returns the status for which it is refused. */
  request(which: 'restart' | 'stop', now: number): number | undefined {
    const current = this.statusAt(now);
    const group = rows[current.status]?.group ?? 'odd';
    if (!(which === 'restart' ? RESTARTABLE : STOPPABLE).includes(group)) return current.status;
    this.#moved = current;
    this.#run = { acceptedAt: now, before: current.status, steps: this.timelines[which] };
    this.#lastAcceptedAt = now;
    this.accepted[which] += 1;
    return undefined;
  }

  /** Moves the job without a request. */
  setStatus(status: number, now: number): void {
    this.#moved = { status: checkedStatus(status), at: now };
    this.#run = undefined;
  }

  view(now: number): JobView {
    const { status, at } = this.statusAt(now);
    return {
      jobId: this.id,
      projectId: this.projectId,
      name: this.name,
      workspaceId: this.workspaceId,
      status,
      since: at,
      shownStatus: this.shownAt(now).status,
      restartsAccepted: this.accepted.restart,
      stopsAccepted: this.accepted.stop,
      ...(this.#lastAcceptedAt !== undefined && { lastAcceptedAt: this.#lastAcceptedAt }),
    };
  }
}

function checkedId(id: string | number): string {
  if (typeof id === 'number' ? Number.isSafeInteger(id) && id >= 0 : /^(0|[1-9]\d*)$/.test(id)) {
    return String(id);
  }
  throw new TypeError(`A job id is a string of digits or a safe integer, not ${String(id)}`);
}

function checkedStatus(status: number): number {
  if (Number.isSafeInteger(status)) return status;
  throw new TypeError(`A status is a whole number, not ${String(status)}`);
}

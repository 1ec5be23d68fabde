import { createHash } from 'node:crypto';
import { STATUS, type StatusGroup } from '../src/domain/status.js';
import type { Quirks } from './quirks.js';
import { checkedTimeline, DEFAULT_TIMELINES, type Timelines } from './timeline.js';

export type { Timelines, TimelineStep } from './timeline.js';

export interface JobSpec {
  /** Digits, also beyond 2^53; a number only where it is a safe integer. */
  jobId: string | number;
  /** Default: the simulator's. */
  projectId?: string;
  /** The status that the job is in to begin with; any whole number. */
  status: number;
  /** Default: `job-<jobId>`. */
  name?: string;
  /** Default: empty. */
  description?: string;
  /** Default: `"0"`. The list shows no other workspace unless it is asked for. */
  workspaceId?: string;
  /** Default restart: 7 at once, 8 after a second; default stop: 9 at once, 12 after a second. */
  timelines?: Partial<Timelines>;
  /** Go before those of the simulator. */
  quirks?: Partial<Quirks>;
}

/** A job as it really is at the moment, whatever the answers show. */
export interface JobView {
  jobId: string;
  projectId: string;
  name: string;
  workspaceId: string;
  status: number;
  /** What detail and list show: differs from `status` while readings are old. */
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

/** One job's state machine. Its status is computed when somebody asks: it needs no timer. */
export class SimulatedJob {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly description: string;
  readonly workspaceId: string;
  readonly quirks: Quirks;
  readonly createdAt = Date.now();
  /** A hash of the id: the same job is served at the same address in every run. */
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

  /** The true status, and since when. */
  statusAt(now: number): { status: number; at: number } {
    const run = this.#run;
    const step = run?.steps.findLast(({ afterMs }) => run.acceptedAt + afterMs <= now);
    if (run === undefined || step === undefined) return this.#moved;
    return { status: step.status, at: run.acceptedAt + step.afterMs };
  }

  /** The status that detail and list show: for `staleMs` after a request the one before it. */
  shownAt(now: number): { status: number; at: number } {
    const run = this.#run;
    if (run === undefined || now >= run.acceptedAt + this.quirks.staleMs) return this.statusAt(now);
    return { status: run.before, at: this.#moved.at };
  }

  /** Carries a request out and returns nothing, or returns the status that it is refused for. */
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

  /** Somebody outside moves the job. */
  setStatus(status: number, now: number): void {
    this.#moved = { status: checkedStatus(status), at: now };
    this.#run = undefined;
  }

  view(now: number): JobView {
    return {
      jobId: this.id,
      projectId: this.projectId,
      name: this.name,
      workspaceId: this.workspaceId,
      status: this.statusAt(now).status,
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

import type { Reading, ServiceError } from '../../domain/answer.js';
import { defined } from '../../domain/defined.js';
import type {
  OutcomeName,
  Phase,
  RestartAccepted,
  RestartOutcome,
  RestartProgress,
  Transition,
} from '../../domain/outcome.js';
import type { RestartOptions } from '../../domain/options.js';
import type { Status } from '../../domain/status.js';

/** How many transitions and events are kept: the first half and the last half. */
const MOST_KEPT = 100;

/** A change costs six history events. Temporal warns at 10,240 and ends a workflow at 51,200. */
const CHANGES_IN_FULL = 200;

/** How a restart ended, before it is written into the outcome. */
export interface Ending {
  outcome: OutcomeName;
  error?: ServiceError;
}

/** What has been seen and done so far; the outcome and the progress are read from it. */
export class RestartRecord {
  phase: Phase = 'checking';
  /** The restart sends no request: it follows a job that is up or starting. */
  attached = false;
  /** The status before anything was done. */
  before: Status | undefined;
  last: Status | undefined;
  /** When `last` was first seen, in milliseconds since the epoch; before the first look, the start. */
  lastSince: number;
  acceptedAt: string | undefined;
  /** Why looks fail; absent while they work. */
  trouble: ServiceError | undefined;
  /** A pause before a request is tried again: until when, and why. */
  pause: { untilMs: number; error: ServiceError } | undefined;
  ending: (Ending & { endedAt: string }) | undefined;
  /** What has happened, for people: one line for each event. */
  readonly events: string[] = [];
  #transitions: Transition[] = [];
  #moves = 0;
  #changes = 0;
  #serviceUrl: string | undefined;

  constructor(
    readonly projectId: string,
    readonly options: RestartOptions,
    readonly startedAt: number,
  ) {
    this.lastSince = startedAt;
  }

  /** Whether the job has been seen to move since the restart request (attached: since the first look). */
  get moved(): boolean {
    return this.#moves > 0;
  }

  /** Whether the job has changed so often that only decisive changes are recorded from here on. */
  get changesTooOften(): boolean {
    return this.#changes >= CHANGES_IN_FULL;
  }

  /** Notes a reading from before the restart request. */
  saw(reading: Reading): void {
    if (this.last?.code !== reading.status.code) {
      this.lastSince = reading.lookedAt;
      if (this.last !== undefined) this.#changes += 1;
    }
    this.last = reading.status;
    this.#serviceUrl = reading.serviceUrl;
  }

  /** Notes a change that was seen after the restart request. */
  moveTo(reading: Reading): void {
    this.saw(reading);
    this.#moves += 1;
    this.#transitions.push({ ...reading.status, at: iso(reading.lookedAt) });
    dropFromTheMiddle(this.#transitions);
  }

  accept(atMs: number): void {
    this.acceptedAt ??= iso(atMs);
  }

  /** Notes a line for the people who look at the restart in the Temporal UI. */
  note(atMs: number, line: string): void {
    this.events.push(`${iso(atMs).slice(11, 19)}Z ${line}`);
    dropFromTheMiddle(this.events);
  }

  end(ending: Ending, atMs: number): RestartOutcome {
    this.phase = 'done';
    this.ending = { ...ending, endedAt: iso(atMs) };
    // The outcome first: the Temporal UI shows little more than the first lines of a result.
    return { outcome: ending.outcome, ...this.#soFar(), endedAt: this.ending.endedAt };
  }

  progress(): RestartProgress {
    const { ending, phase } = this;
    if (ending === undefined) return { phase, ...this.#soFar() };
    return { phase, outcome: ending.outcome, ...this.#soFar(), endedAt: ending.endedAt };
  }

  accepted(): RestartAccepted {
    const { before, acceptedAt, attached } = this;
    return { ...defined({ before, acceptedAt }), attached };
  }

  #soFar(): Omit<RestartOutcome, 'outcome' | 'endedAt'> {
    const { until, reason, requestedBy, jobId } = this.options;
    const { before, last, acceptedAt, ending } = this;
    const serviceUrl = last?.code === 8 ? this.#serviceUrl : undefined;
    const error = ending === undefined ? (this.trouble ?? this.pause?.error) : ending.error;
    return {
      projectId: this.projectId,
      jobId,
      ...defined({ error }),
      until,
      attached: this.attached,
      ...defined({ before, last }),
      transitions: [...this.#transitions],
      startedAt: iso(this.startedAt),
      ...defined({ acceptedAt, serviceUrl, reason, requestedBy }),
    };
  }
}

function dropFromTheMiddle(list: unknown[]): void {
  if (list.length > MOST_KEPT) list.splice(MOST_KEPT / 2, 1);
}

/** ISO 8601 in UTC, with milliseconds. */
export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

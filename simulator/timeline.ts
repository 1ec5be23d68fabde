/** From `afterMs` after the accepted request on, the job is in `status`. */
export interface TimelineStep {
  afterMs: number;
  status: number;
}

/** What an accepted request makes of the job. */
export interface Timelines {
  restart: readonly TimelineStep[];
  stop: readonly TimelineStep[];
}

/** Short, so that tests and demo need not wait; nobody published how long the real ones take. */
export const DEFAULT_TIMELINES: Timelines = {
  restart: [
    { afterMs: 0, status: 7 },
    { afterMs: 1000, status: 8 },
  ],
  stop: [
    { afterMs: 0, status: 9 },
    { afterMs: 1000, status: 12 },
  ],
};

/** Returns a copy of the steps; throws a TypeError where they are not in order of time. */
export function checkedTimeline(steps: readonly TimelineStep[]): TimelineStep[] {
  let previousMs = 0;
  for (const { afterMs, status } of steps) {
    if (!(afterMs >= previousMs) || !Number.isSafeInteger(status)) {
      throw new TypeError(
        `A timeline needs whole statuses and rising afterMs, not ${JSON.stringify(steps)}`,
      );
    }
    previousMs = afterMs;
  }
  return steps.map((step) => ({ ...step }));
}

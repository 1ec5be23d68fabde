/** The job is in `status` from `afterMs` after the accepted request on. */
export interface TimelineStep {
  afterMs: number;
  status: number;
}

/** How the job moves after an accepted request. */
export interface Timelines {
  restart: readonly TimelineStep[];
  stop: readonly TimelineStep[];
}

/** Short, so that tests and the demo need not wait. The real times are not published. */
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

/** Returns a copy of the steps; throws a TypeError if their times or statuses are not valid. */
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

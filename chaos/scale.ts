/** From the least to the most, in milliseconds; one is picked at random. */
export type Span = readonly [number, number];

/** How large a run is, and how fast. */
export interface Scale {
  restarts: number;
  /** The restarts are started over this time. */
  startsMs: number;
  /** Workers and server are killed, and ModelArts misbehaves, for this long from the start. */
  faultsMs: number;
  workers: number;
  killWorkerEvery: Span;
  /** No worker is killed in this time: many waits gather on each, which reads the list then. */
  quiet: Span;
  killServerEvery: Span;
  /** How long the server stays away after a kill. */
  serverAway: Span;
  timeout: Span;
  pollInterval: Span;
  settleTime: Span;
  /** How long a job takes to come up. */
  comesUp: Span;
  /** Nobody joins a restart before this. */
  joinFromMs: number;
  /** The share of requests that is lost, and of those whose answer is. */
  lost: number;
  /** The share of requests that is throttled, with and without `Retry-After`. */
  throttled: number;
  /** The share of restarts and stops that are carried out at once and answered late: time to kill their worker. */
  answeredLate: number;
  /** A restart that is cancelled with `onCancel: "stop"` is cancelled at such a time after its start. */
  cancelAndStopAfter: Span;
  /** How long after the faults everything must have ended. */
  patienceMs: number;
  /** What must have struck at least so often, else the run has shown nothing. */
  atLeast: Struck;
}

/** How often something struck. */
export interface Struck {
  workersKilled: number;
  serverKilled: number;
  requestsLost: number;
  answersLost: number;
  throttled: number;
  throttledWithRetryAfter: number;
  staleReadings: number;
  /** Faults of any kind that struck a list, a restart and a stop; the looks at one job have the rest. */
  listsStruck: number;
  restartsStruck: number;
  stopsStruck: number;
}

/** What a machine has time for that is so many times slower: everything takes as much longer. */
export function slowedDown(scale: Scale, times: number): Scale {
  const ms = (value: number): number => Math.round(value * times);
  const span = ([least, most]: Span): Span => [ms(least), ms(most)];
  return {
    ...scale,
    startsMs: ms(scale.startsMs),
    faultsMs: ms(scale.faultsMs),
    killWorkerEvery: span(scale.killWorkerEvery),
    quiet: span(scale.quiet),
    killServerEvery: span(scale.killServerEvery),
    timeout: span(scale.timeout),
    settleTime: span(scale.settleTime),
    comesUp: span(scale.comesUp),
    joinFromMs: ms(scale.joinFromMs),
    cancelAndStopAfter: span(scale.cancelAndStopAfter),
  };
}

/** `npm run chaos`: minutes. */
export const FULL: Scale = {
  restarts: 200,
  startsMs: 40_000,
  faultsMs: 150_000,
  workers: 3,
  killWorkerEvery: [1_500, 7_000],
  quiet: [18_000, 42_000],
  killServerEvery: [18_000, 28_000],
  serverAway: [200, 4_000],
  timeout: [40_000, 170_000],
  pollInterval: [1_000, 2_000],
  settleTime: [6_000, 12_000],
  comesUp: [500, 80_000],
  joinFromMs: 0,
  lost: 0.1,
  throttled: 0.04,
  answeredLate: 0.15,
  cancelAndStopAfter: [0, 40_000],
  // A stop on cancel may take this long; see `rules.ts`.
  patienceMs: 300_000,
  atLeast: {
    workersKilled: 15,
    serverKilled: 4,
    requestsLost: 50,
    answersLost: 50,
    throttled: 8,
    throttledWithRetryAfter: 8,
    staleReadings: 20,
    listsStruck: 1,
    restartsStruck: 10,
    stopsStruck: 1,
  },
};

/**
 * The share in `npm test`: half a minute. A wait whose worker was killed goes on after a minute, or
 * ends with its deadline, so deadlines are short. What waits without a deadline (a stop on cancel,
 * and those who join) comes when the kills are over.
 */
export const SHORT: Scale = {
  restarts: 40,
  startsMs: 8_000,
  faultsMs: 14_000,
  workers: 2,
  killWorkerEvery: [1_500, 3_000],
  quiet: [0, 0],
  killServerEvery: [5_000, 6_000],
  serverAway: [200, 1_000],
  timeout: [8_000, 16_000],
  pollInterval: [1_000, 1_000],
  settleTime: [2_000, 4_000],
  comesUp: [200, 5_000],
  joinFromMs: 14_000,
  lost: 0.15,
  throttled: 0.1,
  answeredLate: 0.15,
  cancelAndStopAfter: [15_000, 17_000],
  patienceMs: 200_000,
  atLeast: {
    workersKilled: 3,
    serverKilled: 2,
    requestsLost: 2,
    answersLost: 2,
    throttled: 1,
    throttledWithRetryAfter: 1,
    staleReadings: 1,
    // Too few restarts for the list to pay, and perhaps no stop that is struck.
    listsStruck: 0,
    restartsStruck: 1,
    stopsStruck: 0,
  },
};

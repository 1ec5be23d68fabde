/** The least and the most, in milliseconds, of a time that is picked at random. */
export type Span = readonly [number, number];

/** How large a chaos run is, and how fast. */
export interface Scale {
  restarts: number;
  /** The restarts start at random instants within this time. */
  startsMs: number;
  /** How long workers and the server are killed and ModelArts misbehaves, from the start on. */
  faultsMs: number;
  workers: number;
  killWorkerEvery: Span;
  /** No worker is killed within this time, so that each gathers enough waits to read the list. */
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
  /** The share of requests that are lost; for as many again, the answer is lost. */
  lost: number;
  /** The share of requests that are throttled, half of them with `Retry-After`. */
  throttled: number;
  /** The share of restarts and stops that are answered late, so that their worker may die first. */
  answeredLate: number;
  /** When after its start a restart with `onCancel: "stop"` is cancelled, if it is. */
  cancelAndStopAfter: Span;
  /** How soon after the faults all restarts must have ended. */
  patienceMs: number;
  /** How often each fault must strike at least. With less, the run has shown nothing. */
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
  /** Faults of ModelArts that struck the list, restarts or stops; all others struck detail looks. */
  listsStruck: number;
  restartsStruck: number;
  stopsStruck: number;
}

/** Returns a scale for a machine that is so many times slower: its times are as much longer. */
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

/** For `npm run chaos`: takes minutes. */
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
 * For `npm test`: takes half a minute. Deadlines are short, because a wait whose worker was killed
 * goes on only after a minute, or at its deadline. Stops on cancel and joiners wait without a
 * deadline, so they come when the kills are over.
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
    // There may be too few waits to read the list, and no stop that is struck.
    listsStruck: 0,
    restartsStruck: 1,
    stopsStruck: 0,
  },
};

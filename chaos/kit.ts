/** What a run of chaos is given by whoever starts it. */
export interface ChaosKit {
  /** The Temporal CLI, which is the server too. */
  cli: string;
  /** Runs a program that ends with this process, however this process ends (`scripts/guarded.mjs`). */
  guard: string;
  /** The worker under test. */
  worker: string;
  /** A folder of this run's own: the server's data, and the evidence where a rule is broken. */
  folder: string;
  /** Progress, for whoever watches. */
  say: (line: string) => void;
}

/** Given to the workers, and looked for in every history and log line. */
export const KEYS = {
  accessKey: 'CHAOSACCESSKEY0123',
  secretKey: 'TheSecretKeyOfTheChaosRun0123456789',
} as const;

export const TASK_QUEUE = 'modelarts-restarts';

/** The deadline of one exchange with ModelArts; short, since a look that hangs costs a wait this long. */
export const EXCHANGE_MS = 2_000;

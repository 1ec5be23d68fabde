/** What the caller of a chaos run provides. Programs are given by their paths. */
export interface ChaosKit {
  /** The Temporal CLI, which also runs the server. */
  cli: string;
  /** `scripts/guarded.mjs`: ends the program that it runs with this process, however that ends. */
  guard: string;
  /** The worker under test. */
  worker: string;
  /** The run's own folder, for the server's data and for evidence if a rule is broken. */
  folder: string;
  /** Prints a line of progress. */
  say(line: string): void;
}

/** The workers' credentials, which no history and no log line may hold. */
export const KEYS = {
  accessKey: 'CHAOSACCESSKEY0123',
  secretKey: 'TheSecretKeyOfTheChaosRun0123456789',
} as const;

export const TASK_QUEUE = 'modelarts-restarts';

/** The deadline of one exchange with ModelArts; short, because a look that hangs delays a wait. */
export const EXCHANGE_MS = 2_000;

import type { ChildProcess } from 'node:child_process';

/** What a run of chaos is given by whoever starts it. */
export interface ChaosKit {
  /** The Temporal CLI, which also runs the server. */
  cli: string;
  /** Starts a program that ends with this process at the latest, however this process ends. */
  start(program: string, args: readonly string[], env: NodeJS.ProcessEnv): StartedProgram;
  /** The worker under test. */
  worker: string;
  /** The run's own folder, for the server's data and for evidence if a rule is broken. */
  folder: string;
  /** Prints a line of progress. */
  say: (line: string) => void;
}

/** A program that is running or has ended. */
export interface StartedProgram {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  /** Kills it, and waits until it has ended. */
  close(): Promise<void>;
}

/** Given to the workers, and looked for in every history and log line. */
export const KEYS = {
  accessKey: 'CHAOSACCESSKEY0123',
  secretKey: 'TheSecretKeyOfTheChaosRun0123456789',
} as const;

export const TASK_QUEUE = 'modelarts-restarts';

/** The deadline of one exchange with ModelArts; short, because a look that hangs delays a wait. */
export const EXCHANGE_MS = 2_000;

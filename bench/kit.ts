/** What the script that runs a measurement provides. Programs are given by their paths. */
export interface Kit {
  /** Starts a Temporal server that keeps its data in memory only. */
  startTemporal(): Promise<{ address: string; close(): Promise<void> }>;
  /** Runs a program, and ends it with this process, however this process ends. */
  readonly guard: string;
  /** The project's worker, which is measured. */
  readonly worker: string;
  readonly simulator: string;
  /** The worker to compare it with. */
  readonly usualWorker: string;
  /** Registers a call for the end of the measurement, however it ends; the last one comes first. */
  atEnd(close: () => Promise<void>): void;
  /** Prints a line of progress. */
  say(line: string): void;
}

/** What a measurement found: lines to print, and whether every limit is met. */
export interface Report {
  lines: string[];
  met: boolean;
}

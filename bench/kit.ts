/** What a measurement is given by the script that runs it. */
export interface Kit {
  /** Starts a Temporal server that keeps nothing. */
  startTemporal(): Promise<{ address: string; close(): Promise<void> }>;
  /** Runs a program that ends with this process, however this process ends. */
  readonly guard: string;
  /** The worker that is measured. */
  readonly worker: string;
  readonly simulator: string;
  /** The worker that it is compared with. */
  readonly usualWorker: string;
  /** Called when the measurement is over, however it ends; the last one first. */
  atEnd(close: () => Promise<void>): void;
  /** Progress, for whoever watches. */
  say(line: string): void;
}

/** What a measurement found: lines to print, and whether every limit is met. */
export interface Report {
  lines: string[];
  met: boolean;
}

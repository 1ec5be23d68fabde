/** A program in a process of its own, so that its CPU time is its own too. */
export interface Child {
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Waits until it has printed this; fails where it ends before. */
  says(sentence: RegExp): Promise<void>;
  /** Kills it, and waits until it has ended. */
  close(): Promise<void>;
}

/** What a measurement is given by the script that runs it. */
export interface Kit {
  /**
   * Starts a Temporal server that keeps nothing, or takes one that is there already. `pids` has its
   * processes, without their children; it is empty if they are not known.
   */
  startTemporal(): Promise<{
    address: string;
    pids: readonly number[];
    close(): Promise<void>;
  }>;
  startSimulator(): Child;
  /** Starts the worker that is measured, or another one. */
  startWorker(
    parts: { address: string; simulator: { url: string; projectId: string } },
    options: { program?: string; env: Record<string, string> },
  ): Child;
  /** The worker that it is compared with. */
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
  /** An SVG for the README. `isFull`: it shows the sizes that the README tells of. */
  chart?: { svg: string; isFull: boolean };
}

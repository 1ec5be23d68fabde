import { setMaxListeners } from 'node:events';

/** The exit codes of the worker and of the command line; docs/operations.md and docs/command-line.md explain them. */
export const EXIT = {
  /** The worker was stopped; the restart got there, or the verb did its work. */
  done: 0,
  /** The worker has failed; the restart did not get there, or there is nothing to act on. */
  failed: 1,
  /** Usage or settings must be corrected. */
  usage: 2,
  /** Temporal can't be reached. */
  unreachable: 3,
  /** The restart goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The signals that end a worker, with their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * A second signal within this time counts as the same one. The terminal sends Ctrl-C to npm and to
 * the worker, and npm passes it on to the worker again.
 */
const SAME_SIGNAL_MS = 500;

let stopping: AbortSignal | undefined;

/**
 * Returns an `AbortSignal` that SIGTERM or SIGINT aborts, with its name as the reason. A second one
 * ends the process at once, with exit code 128 + its number.
 *
 * This file imports nothing of the project, so that it listens before anything heavy is loaded.
 */
export function listenToSignals(): AbortSignal {
  if (stopping !== undefined) return stopping;
  const controller = new AbortController();
  // Each activity that follows a restart adds a listener, and Node warns from the eleventh on.
  setMaxListeners(0, controller.signal);
  let firstAt = 0;
  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        firstAt = performance.now();
        controller.abort(name);
      } else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
        process.exit(128 + number);
      }
    });
  }
  stopping = controller.signal;
  return stopping;
}

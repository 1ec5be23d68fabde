/** The signals that end a worker, with their numbers. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Within this time a second signal is the first one again: npm passes on to the worker the Ctrl-C
 * that the terminal has sent to both.
 */
const SAME_SIGNAL_MS = 500;

let stopping: AbortSignal | undefined;

/**
 * From now on SIGTERM and SIGINT abort the signal that this returns, with their name as the reason.
 * A second one ends the process at once, with 128 + its number.
 *
 * This file imports nothing, so that signals are heard before anything heavy is loaded.
 */
export function listenToSignals(): AbortSignal {
  if (stopping !== undefined) return stopping;
  const controller = new AbortController();
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

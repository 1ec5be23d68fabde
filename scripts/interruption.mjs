/** Whatever asks a script to end: Ctrl-C, a supervisor, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * From now on the script does not end by these signals, but has to by itself.
 *
 * @param {() => void} end called for each of them
 */
export function onInterruption(end) {
  for (const signal of SIGNALS) process.on(signal, end);
  // Where the terminal is gone, what is still written fails, and must not stop the clearing up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

import { runScript, say, yellow } from './terminal.mjs';

/** The signals of Ctrl-C, of a supervisor, and of a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

class Interruption extends Error {}

/**
 * What a script has started. `atEnd` takes a function that ends one part. `endAll` calls these, the last one first.
 *
 * @typedef {{ atEnd: (close: () => unknown) => void, endAll: () => Promise<void> }} Started
 */

/**
 * Runs a script that starts programs and servers. Ends them when the work is over, has failed, or is interrupted by a
 * signal. Then exits, even if a part of the work still waits for an answer.
 *
 * @param {(started: Started) => Promise<number | void>} work returns the exit code; nothing means 0
 * @param {{ interruptedCode?: number }} [options] the exit code after a signal
 */
export async function runAndEndAll(work, { interruptedCode = 130 } = {}) {
  /** @type {(() => unknown)[]} */
  const closing = [];
  let isOver = false;
  const endAll = async () => {
    for (let close; (close = closing.pop()) !== undefined;) await close();
  };
  /** @param {() => unknown} close */
  const atEnd = (close) => {
    // Interrupted work may still start something, which is ended at once.
    if (isOver) void close();
    else closing.push(close);
  };
  await runScript(async () => {
    try {
      return await Promise.race([work({ atEnd, endAll }), interruption()]);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      say(yellow('\ninterrupted; ending what was started'));
      return interruptedCode;
    } finally {
      isOver = true;
      await endAll();
    }
  });
  process.exit();
}

/** @returns {Promise<never>} */
function interruption() {
  // If the terminal is gone, writing fails. That must not stop the clean-up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return new Promise((_resolve, reject) => {
    for (const signal of SIGNALS) process.on(signal, () => reject(new Interruption(signal)));
  });
}

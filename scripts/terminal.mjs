const styled =
  process.stdout.isTTY && process.stderr.isTTY && process.env['NO_COLOR'] === undefined;

/** @param {number} code */
const style = (code) => (/** @type {string} */ text) =>
  styled ? `\u001b[${code}m${text}\u001b[0m` : text;

export const bold = style(1);
export const dim = style(2);
export const red = style(31);
export const green = style(32);
export const yellow = style(33);

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** @param {string} line a line of the command's own output */
export const print = (line) => void process.stdout.write(`${line}\n`);

/**
 * Writes progress to standard error, so that standard output has only the command's own output.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Does work that takes a while. Says so at the start and every 15 seconds, and at the end how long it took.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function takingTime(what, work) {
  const startedAt = performance.now();
  const elapsed = () => seconds(performance.now() - startedAt);
  say(dim(`· ${what} …`));
  const reminder = setInterval(() => {
    say(dim(`· ${what} … still at it after ${elapsed()}`));
  }, 15_000);
  try {
    const result = await work();
    say(dim(`· ${what}: done in ${elapsed()}`));
    return result;
  } finally {
    clearInterval(reminder);
  }
}

/** A problem that the reader can solve. Shown without a stack trace; exit code 2. */
export class Obstacle extends Error {}

/**
 * Runs a script's work, and turns what it throws into a message and an exit code.
 *
 * @param {() => Promise<number | void>} work returns the exit code, or nothing if it is set already or 0
 */
export async function runScript(work) {
  try {
    const code = await work();
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    if (error instanceof Obstacle) {
      say(`\n${error.message}`);
      process.exitCode = 2;
    } else {
      say(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      process.exitCode = 1;
    }
  }
}

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './project.mjs';
import { Obstacle } from './terminal.mjs';

/** Ten times what the slowest program needs to get ready. */
const START_LIMIT_MS = 30_000;

/** How long a program has to end after SIGTERM. A worker without waits needs a fraction of a second. */
const PATIENCE_MS = 5_000;

/** More than any message needs. A program that runs for hours must not fill the memory. */
const KEPT_OUTPUT = 1 << 20;

/**
 * @typedef {object} Child
 * @property {import('node:child_process').ChildProcess} process
 * @property {number} pid 0 if the program was not found
 * @property {() => string} output standard output and standard error in order of arrival; empty if they are not piped
 * @property {Promise<number | null>} ended its exit code: 127 if the program was not found, null after a signal
 * @property {(sentence: RegExp) => Promise<void>} says waits until the program has printed this
 * @property {() => Promise<void>} close ends the program and what it has started
 */

/**
 * Starts a program that ends with this process at the latest, however this process ends, as do the program's own
 * children. Ctrl-C in the terminal reaches this process alone, which decides what ends first.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, gently?: boolean, show?: boolean | 'stderr' }} [options]
 * `gently`: the program gets SIGTERM and some seconds before it is killed;
 * `show`: let the output go to the terminal; `stderr`: only that, and drop standard output
 * @returns {Child}
 */
export function startChild(program, args, options = {}) {
  const { cwd = ROOT, env = process.env, gently = false, show = false } = options;
  const stdout = show === 'stderr' ? 'ignore' : show ? 'inherit' : 'pipe';
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', stdout, show ? 'inherit' : 'pipe'],
    // A session and a process group of its own.
    detached: true,
  });
  endWithThisProcess(child, { gently });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream
      ?.setEncoding('utf8')
      .on('data', (text) => (output = (output + text).slice(-KEPT_OUTPUT)));
  }
  let isOver = false;
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve(127);
    });
    child.on('exit', () => killGroup(child));
    child.on('close', resolve);
  });
  void ended.then(() => (isOver = true));
  return {
    process: child,
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    says: async (sentence) => {
      for (const until = performance.now() + START_LIMIT_MS; !sentence.test(output);) {
        if (isOver || performance.now() > until) {
          const call = [program, ...args].join(' ');
          throw new Obstacle(`${call} never said ${sentence}:\n${tail(output, 15)}`);
        }
        await sleep(20);
      }
    },
    close: async () => {
      if (gently) child.kill('SIGTERM');
      else killGroup(child);
      const timer = setTimeout(() => killGroup(child), PATIENCE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child */
function killGroup({ pid }) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has no process left.
  }
}

/** Reads standard input: a line means that the program has ended, the end without a line that this process has died. */
const WATCH = `read -r line && exit
if [ "$2" = gently ]; then
  kill -s TERM "$1"
  for i in $(seq ${PATIENCE_MS / 100}); do kill -0 "$1" || break; sleep 0.1; done
fi
kill -s KILL -- "-$1" || kill -s KILL "$1"`;

/**
 * Lets a watcher kill a process if this one dies first. The watched process keeps its own id, signals and exit code.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {{ gently?: boolean }} [options]
 */
export function endWithThisProcess(child, { gently = false } = {}) {
  if (child.pid === undefined) return;
  const args = ['-c', WATCH, 'sh', String(child.pid), gently ? 'gently' : ''];
  const watcher = spawn('sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.on('error', () => {}).unref();
  /** @type {import('node:net').Socket} */ (watcher.stdin).on('error', () => {}).unref();
  child.once('exit', () => watcher.stdin.end('over\n'));
}

/**
 * Runs a program to its end. Never throws: a missing program is a result too.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Parameters<typeof startChild>[2] & { timeoutMs?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>} `code`: 128 if it was killed
 */
export async function run(program, args, { timeoutMs, signal, ...options } = {}) {
  const child = startChild(program, args, options);
  const end = () => void child.close();
  let timedOut = false;
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => (end(), (timedOut = true)), timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  const code = (await child.ended) ?? 128;
  clearTimeout(timer);
  signal?.removeEventListener('abort', end);
  return { code, output: child.output(), timedOut };
}

/**
 * Runs npm: the one that runs this script, if there is one.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm(args, options) {
  const own = process.env['npm_execpath'];
  return own === undefined
    ? run('npm', args, options)
    : run(process.execPath, [own, ...args], options);
}

/**
 * The last lines of an output, for a message.
 *
 * @param {string} output
 * @param {number} [lines]
 */
export const tail = (output, lines = 3) => output.trim().split('\n').slice(-lines).join('\n');

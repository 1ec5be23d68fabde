import { spawn } from 'node:child_process';
import { inRoot, ROOT } from './project.mjs';

const GUARD = inRoot('scripts', 'guarded.mjs');

/**
 * @typedef {object} CommandResult
 * @property {number} code exit code; 127 where the program is not there, 128 and more where it was killed
 * @property {string} output standard output and standard error as they came; empty when shown
 * @property {boolean} timedOut
 */

/**
 * Runs a program to its end. Never throws: a program that is not there is a result too.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, signal?: AbortSignal, show?: boolean | 'stderr' }} [options]
 * `show`: let the output go to the terminal; `stderr`: only that, and drop standard output
 * @returns {Promise<CommandResult>}
 */
export function run(program, args, options = {}) {
  const { cwd = ROOT, env = process.env, timeoutMs, signal, show = false } = options;
  return new Promise((resolve) => {
    // What it starts ends with it, and both end with this script.
    const child = spawn(process.execPath, [GUARD, program, ...args], {
      cwd,
      env,
      stdio: [
        'pipe',
        show === 'stderr' ? 'ignore' : show ? 'inherit' : 'pipe',
        show ? 'inherit' : 'pipe',
      ],
    });
    let output = '';
    let timedOut = false;
    const kill = () => child.stdin?.end();
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            kill();
          }, timeoutMs);
    signal?.addEventListener('abort', kill, { once: true });
    child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));
    /** @param {number} code */
    const finish = (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      resolve({ code, output, timedOut });
    };
    child.on('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.on('close', (code) => {
      finish(code ?? 128);
    });
  });
}

/**
 * The last lines of an output, for a message.
 *
 * @param {string} output
 * @param {number} [lines]
 */
export const tail = (output, lines = 3) => output.trim().split('\n').slice(-lines).join('\n');

/**
 * Runs a program that must not outlive whoever started it, and what that program starts: they are ended when standard
 * input ends, which happens when the starter closes it, and also when the starter dies, however it dies.
 *
 * usage: guarded.mjs [--gently] <program> [argument…]
 *
 * They are killed; with `--gently` the program gets SIGTERM first, and some seconds.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const GENTLY = '--gently';

/** A worker that waits for nothing ends in a fraction of a second. */
const PATIENCE_MS = 5_000;

const given = process.argv.slice(2);
const gently = given[0] === GENTLY;
const [program, ...args] = gently ? given.slice(1) : given;
if (program === undefined) throw new Error(`usage: guarded.mjs [${GENTLY}] <program> [argument…]`);

const isWindows = process.platform === 'win32';
const child = spawn(program, args, {
  stdio: ['ignore', 'inherit', 'inherit'],
  // A process group of its own, so that what the program has started can be ended too.
  detached: !isWindows,
});
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code, signal) => {
  killAll();
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
});

function killAll() {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

// Without --gently at once: a Temporal server that keeps nothing takes a second to end by itself.
function end() {
  if (!gently) return killAll();
  child.kill('SIGTERM');
  setTimeout(killAll, PATIENCE_MS);
}

process.stdin.on('end', end).on('error', end).resume();
process.on('SIGTERM', end).on('SIGHUP', end);
// The starter decides when it is over, also after Ctrl-C in the terminal that both share.
process.on('SIGINT', () => {});

/**
 * Runs a program that keeps nothing and must not outlive whoever started it: it is ended when standard input ends,
 * which happens when the starter closes it, and also when the starter dies, however it dies.
 *
 * usage: guarded.mjs <program> [argument…]
 */
import { spawn } from 'node:child_process';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) throw new Error('usage: guarded.mjs <program> [argument…]');

const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => {
  process.exit(code ?? 0);
});

// At once: what runs here keeps nothing, and a Temporal server takes a second to end by itself.
const end = () => child.kill('SIGKILL');
process.stdin.on('end', end).on('error', end).resume();
process.on('SIGTERM', end);
// The starter decides when it is over, also after Ctrl-C in the terminal that both share.
process.on('SIGINT', () => {});

import { spawn } from 'node:child_process';

/**
 * A line on its standard input ends it; where that ends without one, whoever would have written it is dead.
 */
const WATCH = 'read -r line || kill -KILL "$1"';

/**
 * Has a process killed where this one dies first, however it dies: what a test runs must not outlive it. The process
 * itself is left alone, so that its id, signals and exit code are its own.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export function endWithTests(child) {
  if (child.pid === undefined) return;
  const watcher = spawn('sh', ['-c', WATCH, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  /** @type {import('node:net').Socket} */ (watcher.stdin).unref();
  watcher.stdin.on('error', () => {});
  child.once('exit', () => watcher.stdin.end('over\n'));
}

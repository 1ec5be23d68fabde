/**
 * Loaded before a program (`node --import`): at each SIGUSR2, 80 s pass at once on the program's monotonic clock.
 * Its timers do not notice.
 */
import { isMainThread } from 'node:worker_threads';

const STEP_MS = 80_000;

if (isMainThread) {
  const now = performance.now.bind(performance);
  let aheadMs = 0;
  performance.now = () => now() + aheadMs;
  process.on('SIGUSR2', () => {
    aheadMs += STEP_MS;
  });
}

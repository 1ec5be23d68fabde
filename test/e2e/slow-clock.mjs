/**
 * Loaded before a program (`node --import`): from a SIGUSR2 on, its wall clock is 10 minutes slow. Not before,
 * because Temporal's core goes by the machine's clock, and would find the deadlines of the first calls over.
 */
import { isMainThread } from 'node:worker_threads';

const BEHIND_MS = 600_000;

if (isMainThread) {
  const now = Date.now;
  process.once('SIGUSR2', () => {
    Date.now = () => now() - BEHIND_MS;
    process.stdout.write(`${JSON.stringify({ msg: 'The clock is slow' })}\n`);
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf, usageOfTrees } from './processes.js';

/** The CPU and memory that a Temporal server and a worker used over a period. */
export interface Burden {
  /** `NaN` if the server's processes are not known. */
  serverCores: number;
  workerCores: number;
  /** The largest sample. */
  workerRssKb: number;
  /** The last sample. */
  lastRssKb: number;
  /** Start and end of the period, in milliseconds since the epoch. */
  from: number;
  to: number;
}

const SAMPLE_MS = 1_000;

/** Returns the most memory that a process had while `work` was in progress. */
export async function peakRssKb(pid: number, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = work.finally(() => (isOver = true));
  let most = 0;
  while (!isOver) {
    most = Math.max(most, (await usageOf(pid)).rssKb);
    await Promise.race([over, sleep(SAMPLE_MS)]);
  }
  await over;
  return most;
}

/** Measures both processes for `seconds`. */
export async function burdenOf(
  { serverPids, workerPid }: { serverPids: readonly number[]; workerPid: number },
  seconds: number,
): Promise<Burden> {
  const from = Date.now();
  const startedAt = performance.now();
  const [server, worker] = await Promise.all([usageOfTrees(serverPids), usageOf(workerPid)]);
  const peakKb = await peakRssKb(workerPid, sleep(seconds * 1_000));
  const [serverAfter, workerAfter] = await Promise.all([
    usageOfTrees(serverPids),
    usageOf(workerPid),
  ]);
  const elapsedSeconds = (performance.now() - startedAt) / 1_000;
  return {
    serverCores: (serverAfter.cpuSeconds - server.cpuSeconds) / elapsedSeconds,
    workerCores: (workerAfter.cpuSeconds - worker.cpuSeconds) / elapsedSeconds,
    workerRssKb: Math.max(peakKb, workerAfter.rssKb),
    lastRssKb: workerAfter.rssKb,
    from,
    to: Date.now(),
  };
}

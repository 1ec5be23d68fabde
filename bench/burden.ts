import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from './processes.js';

/** What two processes used of the machine over a time. */
export interface Burden {
  serverCores: number;
  workerCores: number;
  /** The most that any sample showed, and the last one. */
  workerRssKb: number;
  lastRssKb: number;
  from: number;
  to: number;
}

const SAMPLE_MS = 1_000;

/** The most memory that a process had while something went on. */
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

/** Lets the processes work for so long, and measures them. */
export async function burdenOf(
  { serverPid, workerPid }: { serverPid: number; workerPid: number },
  seconds: number,
): Promise<Burden> {
  const from = Date.now();
  const startedAt = performance.now();
  const [server, worker] = await Promise.all([usageOf(serverPid), usageOf(workerPid)]);
  const peakKb = await peakRssKb(workerPid, sleep(seconds * 1_000));
  const [serverAfter, workerAfter] = await Promise.all([usageOf(serverPid), usageOf(workerPid)]);
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

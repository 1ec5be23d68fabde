import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { usageOf } from '../bench/processes.js';

/** What a process has in use at one instant. */
export interface Sample {
  atMs: number;
  rssKb: number;
  sockets: number;
  files: number;
}

const EVERY_MS = 5_000;

/**
 * Measures a process every few seconds, into `samples`, until the signal aborts. A process that has just
 * ended is left out.
 */
export async function watch(
  pidNow: () => number | undefined,
  samples: Sample[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const pid = pidNow();
    const sample = pid === undefined ? undefined : await sampleOf(pid).catch(() => undefined);
    if (sample !== undefined) samples.push(sample);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function sampleOf(pid: number): Promise<Sample> {
  const folder = `/proc/${pid}/fd`;
  const [{ rssKb }, open] = await Promise.all([usageOf(pid), readdir(folder)]);
  // A file may be closed between the two calls.
  const targets = await Promise.all(open.map((fd) => readlink(`${folder}/${fd}`).catch(() => '')));
  const sockets = targets.filter((target) => target.startsWith('socket:')).length;
  const files = targets.filter((target) => target !== '').length - sockets;
  return { atMs: Date.now(), rssKb, sockets, files };
}

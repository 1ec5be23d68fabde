/**
 * This module is loaded into a worker before the worker's own code. On each SIGUSR2 it writes how late
 * the event loop was since the last signal, to the file that `BENCH_DELAY_FILE` names.
 */
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** How often Node checks how late the event loop is. Node's figures include this time. */
const RESOLUTION_MS = 10;

/** In milliseconds. */
export interface LoopDelay {
  p50: number;
  p99: number;
  max: number;
}

const file = process.env['BENCH_DELAY_FILE'];
if (isMainThread && file !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  process.on('SIGUSR2', () => {
    const delay: LoopDelay = {
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
    };
    histogram.reset();
    appendFileSync(file, `${JSON.stringify(delay)}\n`);
  });
}

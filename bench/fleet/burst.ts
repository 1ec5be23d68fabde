import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peakRssKb } from '../burden.js';
import { imageEnvironment } from '../image-environment.js';
import { addJobs, until } from '../restarts.js';
import { startWorker } from '../stage.js';
import type { LoopDelay } from './delay-preload.js';
import type { Found } from './figure.js';
import { allUp, KILLED, outcomesOf, startRestarts, upAfter } from './restarts.js';
import type { Scene } from './scene.js';

const UP_AFTER_MS = 20_000;

/** Measures how a worker bears restarts that start at once. */
export async function burst({ kit, stage, ids }: Scene): Promise<Found> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  kit.atEnd(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'delay');
  const preload = new URL('delay-preload.js', import.meta.url).href;
  const { NODE_OPTIONS, ...env } = await imageEnvironment();
  const worker = await startWorker(kit, stage, {
    env: {
      ...env,
      NODE_OPTIONS: `--import=${preload} ${NODE_OPTIONS}`,
      BENCH_DELAY_FILE: file,
    },
  });
  await addJobs(stage, ids, { status: KILLED, timelines: { restart: upAfter(UP_AFTER_MS) } });
  await tellDelay(worker.pid, file);
  const work = async (): Promise<void> => {
    await startRestarts(stage, ids, { pollInterval: '5s' });
    await allUp(stage, ids);
    await outcomesOf(stage, ids);
  };
  const peakKb = await peakRssKb(worker.pid, work());
  const delay = await tellDelay(worker.pid, file);
  const how = `${ids.length} starts at once`;
  return {
    figures: [
      {
        what: `${how}: delay of the worker's event loop, p99`,
        value: delay.p99,
        unit: 'ms',
        limit: { atMost: 100 },
      },
      { what: '  median', value: delay.p50, unit: 'ms' },
      { what: '  longest', value: delay.max, unit: 'ms' },
      {
        what: `${how}: worker's memory at most`,
        value: peakKb / 1_000,
        unit: 'MB',
        limit: { atMost: 400 },
      },
    ],
  };
}

/** Returns the delays since the last call, of a worker with the preloaded module. */
async function tellDelay(pid: number, file: string): Promise<LoopDelay> {
  const lines = async (): Promise<string[]> =>
    (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);
  const before = (await lines()).length;
  process.kill(pid, 'SIGUSR2');
  let told: string[] = [];
  await until('the worker tells its delay', async () => {
    told = await lines();
    return told.length > before;
  });
  return JSON.parse(told.at(-1)!) as LoopDelay;
}

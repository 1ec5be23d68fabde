import { setTimeout as sleep } from 'node:timers/promises';
import type { RestartOutcome } from '../src/domain/outcome.js';
import { restartId } from '../src/domain/ids.js';
import { peakRssKb } from './burden.js';
import { inParallel } from './in-parallel.js';
import type { Kit, Report } from './kit.js';
import { usageOf } from './processes.js';
import { jobIds, startRestart, until } from './restarts.js';
import { setStage, startWorker, type Stage } from './stage.js';
import { quantile, ratio, table } from './table.js';

const KILLED = 12;
const WAITING = 7;
const RUNNING = 8;

/** From a cache that is far too small for the burst to one that holds all of it. */
const SIZES = [50, 200, 500, 1_000];

/** Long enough that the first restarts still run when the last ones start. */
const UP_AFTER_MS = 20_000;

const AT_ONCE = 50;

/** Lets the server finish its work for one burst before the next one starts. */
const REST_MS = 5_000;

interface Measured {
  size: number;
  /** Seconds from the start of each workflow until ModelArts has accepted its request. */
  accepted: number[];
  cpuMsPerRestart: number;
  peakMb: number;
}

/** Measures what a burst of starts costs, for several sizes of the workflow cache. */
export async function cache(kit: Kit, { jobs }: { jobs: number }): Promise<Report> {
  const stage = await setStage(kit);
  const all = jobIds(jobs * SIZES.length);
  const measured: Measured[] = [];
  for (const [i, size] of SIZES.entries()) {
    kit.say(`${jobs} starts with ${size} cached workflows`);
    measured.push(await burst(kit, stage, size, all.slice(i * jobs, (i + 1) * jobs)));
  }
  const [first] = measured as [Measured];
  const row = (name: string, of: (one: Measured) => number, digits: number): string[] => [
    name,
    ...measured.map((one) => of(one).toFixed(digits)),
  ];
  const ratios = (name: string, of: (one: Measured) => number): string[] => [
    name,
    ...measured.map((one) => ratio(of(one), of(first))),
  ];
  const p99 = ({ accepted }: Measured): number => quantile(accepted, 0.99);
  const lines = [
    `${jobs} restarts at once; ratios are to the smallest cache`,
    '',
    ...table([
      ['cached workflows', ...SIZES.map(String)],
      row('start to accepted, median, s', ({ accepted }) => quantile(accepted, 0.5), 1),
      row('start to accepted, p99, s', p99, 1),
      ratios('  ratio', p99),
      row('worker’s CPU per restart, ms', ({ cpuMsPerRestart }) => cpuMsPerRestart, 0),
      ratios('  ratio', ({ cpuMsPerRestart }) => cpuMsPerRestart),
      row('worker’s memory at most, MB', ({ peakMb }) => peakMb, 0),
      ratios('  ratio', ({ peakMb }) => peakMb),
    ]),
  ];
  return { lines, met: true };
}

/** Starts all restarts, and measures the worker until they have ended. */
async function burst(
  kit: Kit,
  stage: Stage,
  size: number,
  ids: readonly string[],
): Promise<Measured> {
  const { simulator, client } = stage;
  const restart = [
    { afterMs: 0, status: WAITING },
    { afterMs: UP_AFTER_MS, status: RUNNING },
  ];
  await inParallel(ids, AT_ONCE, (jobId) =>
    simulator.addJob({ jobId, status: KILLED, timelines: { restart } }),
  );
  const worker = await startWorker(kit, stage, { env: { WORKFLOW_CACHE_SIZE: String(size) } });
  const before = await usageOf(worker.pid);
  const outcomes: RestartOutcome[] = [];
  const work = async (): Promise<void> => {
    await inParallel(ids, AT_ONCE, (jobId) => startRestart(stage, { jobId, pollInterval: '5s' }));
    const wanted = new Set(ids);
    await until('all jobs are up', async () => {
      const up = (await simulator.jobs()).filter(
        ({ jobId, status }) => wanted.has(jobId) && status === RUNNING,
      );
      return up.length === ids.length;
    });
    await inParallel(ids, AT_ONCE, async (jobId) => {
      const handle = client.workflow.getHandle(restartId(simulator.projectId, jobId));
      outcomes.push((await handle.result()) as RestartOutcome);
    });
  };
  const peakKb = await peakRssKb(worker.pid, work());
  const after = await usageOf(worker.pid);
  await worker.close();
  await sleep(REST_MS);
  return {
    size,
    accepted: outcomes.map(
      ({ startedAt, acceptedAt }) => (Date.parse(acceptedAt!) - Date.parse(startedAt)) / 1_000,
    ),
    cpuMsPerRestart: ((after.cpuSeconds - before.cpuSeconds) * 1_000) / ids.length,
    peakMb: peakKb / 1_000,
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { restartId } from '../src/domain/ids.js';
import { burdenOf, peakRssKb, type Burden } from './burden.js';
import { inParallel } from './in-parallel.js';
import type { Kit, Report } from './kit.js';
import { looksAt, type Looks } from './looks.js';
import { jobIds, startWaits, until } from './restarts.js';
import { setStage, startWorker, type Stage } from './stage.js';
import { ratio, table, verdict } from './table.js';

/** For a thousand waits with a look each every 10 s. */
const LIMITS = { serverCores: 0.1, workerCores: 0.2, kbPerWait: 150, events: 31 };

const IDLE_SECONDS = 10;

/**
 * Lets the garbage of the burst of starts be collected. V8 returns memory once a process has been
 * quiet for a while, here after 50 s. The memory that the starts take is reported separately.
 */
const SETTLE_MS = 90_000;

const AT_ONCE = 20;

export interface WaitsOptions {
  jobs: number;
  everySeconds: number;
  /** Should be a multiple of 48, because a wait sends a heartbeat every 48 s. */
  seconds: number;
}

/** Measures what waiting restarts cost, compared with the usual pattern. */
export async function waits(kit: Kit, options: WaitsOptions): Promise<Report> {
  const stage = await setStage(kit);
  const ids = jobIds(options.jobs);
  kit.say('starting the restarts');
  const ours = await measure(kit, stage, options, {
    workflowIdOf: (jobId) => restartId(stage.simulator.projectId, jobId),
    start: () => startWaits(stage, ids, `${options.everySeconds}s`),
  });
  kit.say('starting the usual pattern');
  const usual = await measure(kit, stage, options, {
    program: kit.usualWorker,
    workflowIdOf: (jobId) => `usual:${jobId}`,
    start: () => startUsual(stage, ids, options.everySeconds * 1_000),
  });
  return report(options, ours, usual);
}

interface Pattern {
  program?: string;
  workflowIdOf: (jobId: string) => string;
  /** Starts all workflows, and returns once all of them wait. */
  start: () => Promise<void>;
}

interface Measured extends Burden {
  idle: Burden;
  kbPerWait: number;
  kbPerStart: number;
  looks: Looks;
  events: number;
  eventsAdded: number;
}

async function measure(
  kit: Kit,
  stage: Stage,
  { jobs, seconds }: WaitsOptions,
  { program, workflowIdOf, start }: Pattern,
): Promise<Measured> {
  const { serverPids, simulator, client } = stage;
  const ids = jobIds(jobs);
  const worker = await startWorker(kit, stage, program === undefined ? {} : { program });
  const pids = { serverPids, workerPid: worker.pid };
  const eventsOf = async (): Promise<number> => {
    const { historyLength } = await client.workflow.getHandle(workflowIdOf(ids[0]!)).describe();
    return historyLength;
  };

  const idle = await burdenOf(pids, IDLE_SECONDS);
  const startedAt = Date.now();
  const starts = async (): Promise<void> => {
    await start();
    kit.say(`all wait after ${((Date.now() - startedAt) / 1_000).toFixed(0)} s; settling`);
    await sleep(SETTLE_MS);
  };
  const startsRssKb = await peakRssKb(worker.pid, starts());
  const events = await eventsOf();
  kit.say(`measuring for ${seconds} s`);
  const burden = await burdenOf(pids, seconds);
  const looks = looksAt(ids, await simulator.requests(burden.from, burden.to));
  const eventsAdded = (await eventsOf()) - events;

  await inParallel(ids, AT_ONCE, async (id) => {
    await client.workflow.getHandle(workflowIdOf(id)).terminate('measured');
  });
  await worker.close();
  const perWait = (rssKb: number): number => (rssKb - idle.lastRssKb) / jobs;
  return {
    ...burden,
    idle,
    kbPerWait: perWait(burden.workerRssKb),
    kbPerStart: perWait(startsRssKb),
    looks,
    events: events + eventsAdded,
    eventsAdded,
  };
}

async function startUsual(stage: Stage, ids: readonly string[], everyMs: number): Promise<void> {
  const { client, taskQueue, simulator } = stage;
  const { projectId } = simulator;
  const startedAt = Date.now();
  await inParallel(ids, AT_ONCE, async (jobId) => {
    const args = [{ projectId, jobId }, everyMs];
    await client.workflow.start('usualWait', { workflowId: `usual:${jobId}`, taskQueue, args });
  });
  await until('all usual waits look', async () => {
    await sleep(2_000);
    const looks = await simulator.requests(startedAt);
    return new Set(looks.map(({ jobId }) => jobId)).size === ids.length;
  });
}

function report(
  { jobs, everySeconds, seconds }: WaitsOptions,
  ours: Measured,
  usual: Measured,
): Report {
  const wanted = jobs / everySeconds;
  const row = (
    name: string,
    of: (measured: Measured) => number,
    digits: number,
    limit?: number,
    comparable = true,
  ): string[] => [
    name,
    of(ours).toFixed(digits),
    of(usual).toFixed(digits),
    comparable ? ratio(of(usual), of(ours)) : '',
    limit === undefined ? '' : verdict(of(ours), limit, digits),
  ];
  // A short measurement may not show two looks at each job.
  const gap = ({ looks: { longestGapMs } }: Measured): string =>
    Number.isFinite(longestGapMs) ? (longestGapMs / 1_000).toFixed(2) : '–';
  const perSecond = ({ looks, from, to }: Measured): string =>
    (((looks.detail + looks.list) / (to - from)) * 1_000).toFixed(1);
  const lines = [
    `${jobs} waits, a look each every ${everySeconds} s, measured for ${seconds} s`,
    '',
    ...table([
      ['', 'this worker', 'one look per attempt', 'ratio', 'limit'],
      row('server, cores', (one) => one.serverCores, 3, LIMITS.serverCores),
      row('  before the first start', ({ idle }) => idle.serverCores, 3, undefined, false),
      row('worker, cores', (one) => one.workerCores, 3, LIMITS.workerCores),
      row('  before the first start', ({ idle }) => idle.workerCores, 3, undefined, false),
      row('worker’s memory per wait, kB', (one) => one.kbPerWait, 0, LIMITS.kbPerWait),
      row('  at most while they were started', (one) => one.kbPerStart, 0),
      row('history so far, events', (one) => one.events, 0, LIMITS.events, false),
      row('  added while measured', (one) => one.eventsAdded, 0, 0, false),
      [`requests per second (${wanted} jobs fall due)`, perSecond(ours), perSecond(usual)],
      ['longest time between two looks at a job, s', gap(ours), gap(usual)],
    ]),
  ];
  const met =
    ours.serverCores <= LIMITS.serverCores &&
    ours.workerCores <= LIMITS.workerCores &&
    ours.kbPerWait <= LIMITS.kbPerWait &&
    ours.events <= LIMITS.events &&
    ours.eventsAdded === 0;
  return { lines, met };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { peakRssKb } from '../burden.js';
import { usageOf, usageOfTrees } from '../processes.js';
import { addJobs, jobIds } from '../restarts.js';
import { onOneself } from '../stage.js';
import { quantile, ratio, table } from '../table.js';
import { fleetChart, type Charted } from './chart.js';
import type { Found } from './figure.js';
import { gatewayFor, scaleInWords } from './gateway.js';
import type { Pattern, Task } from './pattern.js';
import { PATTERNS } from './pattern-kinds.js';
import { KILLED, RUNNING, throttledOf, upAfter } from './restarts.js';
import { endWorkflows, type Scene } from './scene.js';

/** A pattern that takes this many times the least possible time is given up. */
const GIVE_UP_AFTER = 4;

/** Seldom, because an answer shows thousands of jobs. The simulator notes their times itself. */
const LOOK_EVERY_MS = 1_000;

/** Lets a new process finish its start before its memory is read. */
const REST_MS = 3_000;

/** What one pattern took to restart the jobs. */
interface Measured extends Charted {
  seen: number;
  throttled: number;
  /** From when a job came up until this was seen, for each job of which it was seen. */
  detectionSeconds: number[];
  workerCpuSeconds: number;
  serverCpuSeconds: number;
  kbPerJob: number;
  eventsPerJob: number;
}

/** Restarts as many jobs by each pattern in turn, on one server and one simulator. */
export async function patterns(scene: Scene): Promise<Found> {
  const jobs = scene.ids.length;
  const gateway = gatewayFor(jobs, scene.scale);
  await scene.stage.simulator.setRateLimits([gateway.limit]);
  // The simulator tells jobs apart by their ids alone.
  const all = jobIds(jobs * PATTERNS.length);
  const measured: Measured[] = [];
  for (const [i, pattern] of PATTERNS.entries()) {
    scene.kit.say(`${jobs} restarts by ${pattern.name}`);
    const stage = onOneself(scene.stage);
    const ids = all.slice(i * jobs, (i + 1) * jobs);
    const task = { kit: scene.kit, stage, ids, gateway, accessKey: `BENCHKEY${i}` };
    measured.push(await measure(pattern, task));
  }
  const lines = [scaleInWords(jobs, scene.scale), '', ...comparison(measured, jobs)];
  const chart = await fleetChart(measured, { jobs, scale: scene.scale });
  return { figures: [], lines, chart };
}

async function measure(pattern: Pattern, task: Task): Promise<Measured> {
  const { stage, ids, gateway } = task;
  const { simulator, serverPids } = stage;
  await addJobs(stage, ids, { status: KILLED, timelines: { restart: upAfter(gateway.upAfterMs) } });
  const child = await pattern.prepare(task);
  await sleep(REST_MS);
  const [before, server] = await Promise.all([usageOf(child.pid), usageOfTrees(serverPids)]);
  const from = Date.now();
  const deadline = from + GIVE_UP_AFTER * gateway.leastMs;
  const upAt = async (): Promise<Map<string, number>> => {
    const up = (await simulator.jobs()).filter(({ status }) => status === RUNNING);
    return new Map(up.map(({ jobId, since }) => [jobId, since]));
  };
  const work = async (): Promise<void> => {
    await pattern.begin(task, child);
    while (Date.now() < deadline) {
      if ((await upAt()).size === ids.length && (await pattern.isOver(task, child))) return;
      await sleep(LOOK_EVERY_MS);
    }
  };
  const peakKb = await peakRssKb(child.pid, work());
  const endedAt = Date.now();
  const [after, serverAfter] = await Promise.all([usageOf(child.pid), usageOfTrees(serverPids)]);
  const requests = await simulator.requests(from);
  const up = await upAt();
  await endWorkflows(stage);
  const isGivenUp = up.size < ids.length;
  const upBy = isGivenUp ? endedAt : [...up.values()].reduce((a, b) => Math.max(a, b));
  const { seenAt, events } = await pattern.account(task, child);
  await child.close();
  const latencies = [...seenAt].map(([jobId, at]) => (at - up.get(jobId)!) / 1_000);
  return {
    name: pattern.name,
    up: up.size,
    seen: seenAt.size,
    upSeconds: (upBy - from) / 1_000,
    calls: requests.length,
    throttled: throttledOf(requests).length,
    detectionSeconds: latencies,
    workerCpuSeconds: after.cpuSeconds - before.cpuSeconds,
    serverCpuSeconds: serverAfter.cpuSeconds - server.cpuSeconds,
    kbPerJob: (peakKb - before.rssKb) / ids.length,
    eventsPerJob: events / ids.length,
  };
}

function comparison(measured: readonly Measured[], jobs: number): string[] {
  const row = (what: string, of: (one: Measured) => number, digits = 0): string[] => {
    const [ours, ...others] = measured.map(of) as [number, ...number[]];
    const shown = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(digits));
    const compared = others.flatMap((value) => [
      shown(value),
      Number.isFinite(value / ours) ? ratio(value, ours) : '',
    ]);
    return [what, shown(ours), ...compared];
  };
  const count = (what: string, of: (one: Measured) => number): string[] => [
    what,
    ...measured.flatMap((one, i) => (i === 0 ? [String(of(one))] : [String(of(one)), ''])),
  ];
  const detection = (share: number) => (one: Measured) => quantile(one.detectionSeconds, share);
  const [first, ...others] = measured.map(({ name }) => name);
  return table([
    ['', first!, ...others.flatMap((name) => [name, 'ratio'])],
    count(`jobs up, of ${jobs}`, ({ up }) => up),
    count('  seen up', ({ seen }) => seen),
    row('until the last one is up, or given up, s', ({ upSeconds }) => upSeconds, 1),
    row('calls', ({ calls }) => calls),
    count('  429s', ({ throttled }) => throttled),
    row('up → seen, median, s', detection(0.5), 2),
    row('  99th percentile, s', detection(0.99), 2),
    row('CPU time of the process, s', (one) => one.workerCpuSeconds, 1),
    row('CPU time of the server, s', (one) => one.serverCpuSeconds, 1),
    row('memory per job, kB', ({ kbPerJob }) => kbPerJob),
    row('history events per job', ({ eventsPerJob }) => eventsPerJob),
  ]);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { addJobs } from '../restarts.js';
import { startWorker } from '../stage.js';
import { median } from '../table.js';
import type { Found } from './figure.js';
import { allUp, KILLED, outcomesOf, RUNNING, startRestarts, upAfter } from './restarts.js';
import type { Scene } from './scene.js';

/** Long enough for several looks at a job that comes up. */
const UP_AFTER_MS = 20_000;

/** The longest pause before a lone restart. */
const LONGEST_PAUSE_MS = 300;

/** Counts the calls for restarts that start at once, without a limit of the gateway. */
export async function calls({ kit, stage, ids }: Scene): Promise<Found> {
  await startWorker(kit, stage);
  await addJobs(stage, ids, { status: KILLED, timelines: { restart: upAfter(UP_AFTER_MS) } });
  await startRestarts(stage, ids, { pollInterval: '5s' });
  await allUp(stage, ids);
  await outcomesOf(stage, ids);
  const requests = await stage.simulator.requests(0);
  const restarts = requests.filter(({ operation }) => operation === 'restart').length;
  const by = (operation: string): number =>
    requests.filter((one) => one.operation === operation).length;
  return {
    figures: [
      {
        what: `calls for ${ids.length} restarts at once, beyond one request each`,
        value: requests.length - ids.length,
        unit: '',
        limit: { atMost: 60 },
      },
      { what: '  requests', value: restarts, unit: '' },
      { what: '  pages of the list', value: by('list'), unit: '' },
      { what: '  looks at one job', value: by('detail'), unit: '' },
    ],
  };
}

/** Measures how soon a restart's request is sent if the worker has nothing else to do. */
export async function lone(scene: Scene): Promise<Found> {
  const { ids, against } = scene;
  // In turn, so that a machine that gets slower affects both alike.
  const programs = against === undefined ? [undefined] : [undefined, against, undefined, against];
  const times = new Map<string | undefined, number[]>();
  for (const [nth, program] of programs.entries()) {
    const some = ids.filter((_, index) => index % programs.length === nth);
    const own = await timesUntilSent(scene, some, program);
    times.set(program, [...(times.get(program) ?? []), ...own]);
  }
  const ours = times.get(undefined)!;
  const what = `a lone restart: from its start until the request is sent, median of ${ours.length}`;
  const theirs = times.get(against) ?? ours;
  const compared = [
    { what: '  of the other build', value: median(theirs), unit: 'ms' },
    { what: '  this build / the other', value: median(ours) / median(theirs), unit: '', digits: 2 },
  ];
  return {
    figures: [
      { what, value: median(ours), unit: 'ms' },
      { what: '  longest', value: Math.max(...ours), unit: 'ms' },
      ...(against === undefined ? [] : compared),
    ],
  };
}

async function timesUntilSent(
  { kit, stage }: Scene,
  ids: readonly string[],
  program: string | undefined,
): Promise<number[]> {
  const worker = await startWorker(kit, stage, program === undefined ? {} : { program });
  const restart = [{ afterMs: 0, status: RUNNING }];
  await addJobs(stage, ids, { status: KILLED, timelines: { restart } });
  const times: number[] = [];
  for (const jobId of ids) {
    // A start right after the last end meets the server at one and the same moment of its own rhythm.
    await sleep(Math.random() * LONGEST_PAUSE_MS);
    const from = Date.now();
    await startRestarts(stage, [jobId], { pollInterval: '1s' });
    await outcomesOf(stage, [jobId]);
    const requests = await stage.simulator.requests(from);
    const request = requests.find(({ operation }) => operation === 'restart');
    times.push(request!.at - from);
  }
  await worker.close();
  // The first restarts of a worker also load code.
  return times.slice(Math.floor(ids.length / 4));
}

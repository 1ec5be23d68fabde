import { addJobs } from '../restarts.js';
import { startWorker } from '../stage.js';
import { median } from '../table.js';
import type { Found } from './figure.js';
import { allUp, KILLED, outcomesOf, RUNNING, startRestarts, upAfter } from './restarts.js';
import type { Scene } from './scene.js';

/** Long enough for several looks at a job that comes up. */
const UP_AFTER_MS = 20_000;

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
export async function lone({ kit, stage, ids }: Scene): Promise<Found> {
  await startWorker(kit, stage);
  const restart = [{ afterMs: 0, status: RUNNING }];
  await addJobs(stage, ids, { status: KILLED, timelines: { restart } });
  const times: number[] = [];
  for (const jobId of ids) {
    const from = Date.now();
    await startRestarts(stage, [jobId], { pollInterval: '1s' });
    await outcomesOf(stage, [jobId]);
    const requests = await stage.simulator.requests(from);
    const request = requests.find(({ operation }) => operation === 'restart');
    times.push(request!.at - from);
  }
  return {
    figures: [
      {
        what: `a lone restart: from its start until the request is sent, median of ${ids.length}`,
        value: median(times),
        unit: 'ms',
      },
      { what: '  longest', value: Math.max(...times), unit: 'ms' },
    ],
  };
}

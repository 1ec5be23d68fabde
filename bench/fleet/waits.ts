import { setTimeout as sleep } from 'node:timers/promises';
import { restartId } from '../../src/domain/ids.js';
import { burdenOf } from '../burden.js';
import { inParallel } from '../in-parallel.js';
import { lastRecordedAt } from '../recorded.js';
import { addJobs, isWaiting, until } from '../restarts.js';
import { startWorker, type Stage } from '../stage.js';
import { quantile } from '../table.js';
import type { Figure, Found } from './figure.js';
import { gatewayFor } from './gateway.js';
import { outcomesOf, RUNNING, startRestarts, throttledOf, WAITING } from './restarts.js';
import type { Scene } from './scene.js';

const AT_ONCE = 20;

/** `PENDING_ACTIVITY_STATE_STARTED` of Temporal's API. */
const STARTED = 2;

/** The jobs move at random instants within this time. */
const SPREAD_MS = 60_000;

/** Ten thousand starts take minutes on two cores. */
const START_LIMIT_MS = 20 * 60_000;

const IDLE_SECONDS = 10;

/** See `bench/waits.ts` for both. */
const SETTLE_MS = 90_000;
const SECONDS = 96;

/** Starts waits that send no request, because the jobs are on their way already. */
async function startAttached(
  stage: Stage,
  ids: readonly string[],
  pollInterval: string,
): Promise<void> {
  await addJobs(stage, ids, { status: WAITING });
  await startRestarts(stage, ids, { ifRunning: 'attach', pollInterval });
  // Temporal hands out tasks in the order of the starts, more or less.
  const lastOnes = ids.slice(-AT_ONCE);
  const all = async (): Promise<boolean> =>
    (await Promise.all(lastOnes.map((jobId) => isWaiting(stage, jobId)))).every(Boolean);
  await until('the last restarts wait', all, START_LIMIT_MS);
}

/** Measures how soon a change is seen, by many waits under the limit in real time. */
export async function detection({ kit, stage, ids }: Scene): Promise<Found> {
  const { simulator, client } = stage;
  // A thousand jobs stand for the whole limit.
  const { limit, setting } = gatewayFor(1_000, 1);
  await simulator.setRateLimits([limit]);
  await startWorker(kit, stage, { env: { MODELARTS_RATE_LIMIT: setting } });
  await startAttached(stage, ids, '5s');
  kit.say(`moving ${ids.length} jobs at random within ${SPREAD_MS / 1_000} s`);
  await Promise.all(
    ids.map(async (jobId) => {
      await sleep(Math.random() * SPREAD_MS);
      await simulator.setStatus(jobId, RUNNING);
    }),
  );
  await outcomesOf(stage, ids);
  const jobs = await simulator.jobs();
  const movedAt = new Map(jobs.map(({ jobId, since }) => [jobId, since]));
  const latencies: number[] = [];
  await inParallel(ids, AT_ONCE, async (jobId) => {
    const handle = client.workflow.getHandle(restartId(simulator.projectId, jobId));
    latencies.push(lastRecordedAt(await handle.fetchHistory()) - movedAt.get(jobId)!);
  });
  const requests = await simulator.requests(0);
  const seconds = (share: number): number => quantile(latencies, share) / 1_000;
  const what = `${ids.length} waits, a look every 5 s at ${setting}: change → recorded`;
  return {
    figures: [
      {
        what: `${what}, p99`,
        value: seconds(0.99),
        unit: 's',
        digits: 2,
        limit: { atMost: 5.5 },
      },
      { what: '  median', value: seconds(0.5), unit: 's', digits: 2 },
      { what: '  calls', value: requests.length, unit: '' },
      { what: '  429s', value: throttledOf(requests).length, unit: '' },
    ],
  };
}

/** Measures what many waits cost, on so many workers. */
export async function manyWaits({ kit, stage, ids }: Scene, count = 1): Promise<Found> {
  const { serverPids } = stage;
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(kit, stage)));
  const burdens = (seconds: number) =>
    Promise.all(workers.map(({ pid }) => burdenOf({ serverPids, workerPid: pid }, seconds)));
  const idle = await burdens(IDLE_SECONDS);
  await startAttached(stage, ids, '10s');
  kit.say(`all of ${ids.length} wait; settling`);
  await sleep(SETTLE_MS);
  kit.say(`measuring for ${SECONDS} s`);
  const busy = await burdens(SECONDS);
  const odd = await notInFirstAttempt(stage, ids);
  const how = `${ids.length} waits on ${count === 1 ? 'one worker' : `${count} workers`}`;
  // The figures that are wanted are those of one worker on the dev server.
  const upTo = (atMost: number): Pick<Figure, 'limit'> =>
    count === 1 ? { limit: { atMost } } : {};
  return {
    figures: [
      {
        what: `${how}: memory`,
        value: sum(busy, ({ workerRssKb }) => workerRssKb) / 1e6,
        unit: 'GB',
        digits: 2,
        ...upTo(1.5),
      },
      {
        what: `${how}: memory per wait`,
        value:
          (sum(busy, ({ workerRssKb }) => workerRssKb) - sum(idle, ({ lastRssKb }) => lastRssKb)) /
          ids.length,
        unit: 'kB',
        ...upTo(100),
      },
      {
        what: `${how}: server`,
        value: busy[0]!.serverCores,
        unit: 'cores',
        digits: 3,
        ...upTo(0.5),
      },
      {
        what: `${how}: not in their first attempt`,
        value: odd,
        unit: '',
        limit: { atMost: 0 },
      },
      {
        what: count === 1 ? '  worker' : '  workers',
        value: sum(busy, ({ workerCores }) => workerCores),
        unit: 'cores',
        digits: 3,
      },
    ],
  };
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

/** Counts the waits whose activity does not run, or runs again, for example for a lost heartbeat. */
async function notInFirstAttempt({ client, simulator }: Stage, ids: readonly string[]) {
  let odd = 0;
  await inParallel(ids, AT_ONCE, async (jobId) => {
    const handle = client.workflow.getHandle(restartId(simulator.projectId, jobId));
    const { pendingActivities } = (await handle.describe()).raw;
    const wait = pendingActivities?.[0];
    if (wait?.attempt !== 1 || Number(wait.state) !== STARTED) odd += 1;
  });
  return odd;
}

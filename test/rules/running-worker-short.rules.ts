import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { IamOptions } from '../../simulator/index.js';
import {
  POLLS,
  SHIFT_CLOCK,
  startObservedWorker,
  type ObservedWorker,
} from '../e2e/observed-worker.js';
import { endOf, eventually } from '../setup/stage.js';
import { expectAlerts, scrape, type Scrape } from './alerts.js';

const MINUTE_MS = 60_000;
const REFUSED = 'modelarts_credentials_refused';
const SLOTS_USED = 'temporal_worker_task_slots_used';

/** More than a worker has polls, which get the first tasks although it stands still. */
const STARTS = 40;

/** A worker that logs in to IAM, with few slots for activities. */
const user = { name: 'restarter', password: 'password-CanaryOfTheTests', domain: 'acme' };
const iam: IamOptions = { users: [user], projects: [] };
let observed: ObservedWorker;
let quiet: Scrape;

beforeAll(async () => {
  const fewSlots = `--import=${pathToFileURL(require.resolve('./few-slots.mjs')).href}`;
  observed = await startObservedWorker(
    (simulator) => {
      iam.projects = [{ id: simulator.projectId, name: 'cn-north-4' }];
      return {
        NODE_OPTIONS: `${SHIFT_CLOCK} ${fewSlots}`,
        HW_AUTH_TOKEN: '',
        HW_AUTH_URL: simulator.url,
        HW_USER_NAME: user.name,
        HW_USER_PASSWORD: user.password,
        HW_DOMAIN_NAME: user.domain,
      };
    },
    { iam, authenticate: {}, projectId: randomUUID().replaceAll('-', '') },
  );
  await restart('1');
  await startMany(1);
});
afterAll(() => observed.close());
beforeEach(async () => {
  quiet = await untilScrape(
    ({ pollAgeSeconds, lifeSeconds }) => pollAgeSeconds < 70 && lifeSeconds > 7_200,
  );
});

async function restart(jobId: string): Promise<void> {
  observed.simulator.addJob({ jobId, status: 12 });
  expect(await endOf(await observed.start(jobId))).toMatchObject({ status: 'completed' });
}

/** Starts workflows that end with their first task, and waits until they have. */
async function startMany(count: number, meanwhile?: () => Promise<void>): Promise<void> {
  const { env, taskQueue } = observed;
  const handles = await Promise.all(
    Array.from({ length: count }, () =>
      env.client.workflow.start('noSuchWorkflow', {
        taskQueue,
        workflowId: `none-${randomUUID()}`,
        args: [],
      }),
    ),
  );
  await meanwhile?.();
  await Promise.all(handles.map(endOf));
}

/** Waits until a scrape is as wanted, and the credentials are taken. */
const untilScrape = (isSo: (scrape: Scrape) => boolean): Promise<Scrape> =>
  eventually(async () => {
    const now = await scrape(observed);
    return isSo(now) && now.metrics.sum(REFUSED) === 0 ? now : undefined;
  });

it('RestarterSlotsShort fires while waits take the slots', async () => {
  const { simulator, start } = observed;
  const jobs = Array.from({ length: 10 }, (_, nth) => String(100 + nth));
  for (const jobId of jobs) {
    simulator.addJob({ jobId, status: 12, timelines: { restart: [{ afterMs: 0, status: 7 }] } });
  }
  const handles = await Promise.all(jobs.map((jobId) => start(jobId)));
  const used = { worker_type: 'ActivityWorker' };
  const short = await untilScrape(
    ({ metrics }) => metrics.sum(SLOTS_USED, used) === 10 && metrics.sum('modelarts_waits') === 10,
  );
  for (const jobId of jobs) simulator.setStatus(jobId, 8);
  await Promise.all(handles.map(endOf));
  const after = await untilScrape(({ metrics }) => metrics.sum(SLOTS_USED, used) === 0);
  expectAlerts([quiet, quiet, short, short, after], {
    '9m30s': [],
    '14m': [],
    '16m': ['RestarterSlotsShort'],
    '24m': [],
  });
});

it('RestarterTasksLate fires while a worker comes to its tasks late', async () => {
  const { process } = observed.worker;
  const late: Scrape[] = [];
  for (let times = 0; times < 2; times += 1) {
    process.kill('SIGSTOP');
    await startMany(STARTS, async () => {
      await sleep(6_000);
      process.kill('SIGCONT');
    });
    late.push(await scrape(observed));
  }
  await startMany(STARTS);
  const after = await scrape(observed);
  expectAlerts([quiet, quiet, ...late, after, after], {
    '9m30s': [],
    '14m': [],
    '16m': ['RestarterTasksLate'],
    '29m': [],
  });
});

it('RestarterCredentialsEnd fires where a token ends within the hour, and is not renewed', async () => {
  iam.tokenLifetimeMs = 50 * MINUTE_MS;
  observed.simulator.endCredentials();
  await restart('2');
  const short = await untilScrape(({ lifeSeconds }) => lifeSeconds < 3_600);
  delete iam.tokenLifetimeMs;
  observed.simulator.endCredentials();
  await restart('3');
  const after = await untilScrape(({ lifeSeconds }) => lifeSeconds > 7_200);
  // Half an hour and more with the token that ends, then one that lives for a day.
  expectAlerts([quiet, quiet, ...Array.from({ length: 7 }, () => short), after], {
    '9m30s': [],
    '39m30s': [],
    '41m': ['RestarterCredentialsEnd'],
    '46m': [],
  });
});

it('RestarterDoesNotPoll fires where no poll reaches Temporal', async () => {
  const { proxy, worker } = observed;
  for (const poll of POLLS) proxy.interfere(poll, 'silence');
  proxy.cut();
  // Each makes 80 s pass.
  for (const passed of [80, 160]) {
    worker.process.kill('SIGUSR2');
    await untilScrape(({ pollAgeSeconds }) => pollAgeSeconds > passed);
  }
  const away = await scrape(observed);
  for (const poll of POLLS) proxy.interfere(poll, undefined);
  proxy.cut();
  const after = await untilScrape(({ pollAgeSeconds }) => pollAgeSeconds < 70);
  expectAlerts([quiet, away, after], { '4m30s': [], '6m': ['RestarterDoesNotPoll'], '11m': [] });
});

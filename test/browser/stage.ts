import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { DEFAULT_TASK_QUEUE } from '../../src/names.js';
import { endAllWorkers, startWorkerProcess, type WorkerProcess } from '../e2e/worker-process.js';
import { connectToTestServer } from '../setup/temporal.js';
import { TemporalUi } from './temporal-ui.js';
import { WorkflowList } from './workflow-list.js';

/** Screenshots, and the text of pages on which a test failed. */
const ARTIFACTS = path.join(__dirname, '..', '..', 'artifacts', 'browser');

/** No sandbox: it can't be had in most containers, and only pages of our own server are opened. */
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const WINDOW = {
  viewport: { width: 1280, height: 860 },
  locale: 'en-US',
  timezoneId: 'UTC',
} as const;

/** What a test has: a page of its own, a simulator, and a worker process that restarts its jobs. */
export interface Scene {
  ui: TemporalUi;
  list: WorkflowList;
  simulator: Simulator;
  client: Client;
  taskQueue: string;
  /** The id of *the* restart of a job. */
  idOf(jobId: string): string;
  /** Keeps what the page shows, without the menu, as `artifacts/browser/<name>.png`. */
  keep(name: string): Promise<void>;
}

type Claim = (name: string, test: (scene: Scene) => Promise<void>) => void;

/** Sets the stage for the tests of a file; a claim that fails leaves a screenshot and the page's text. */
export function onStage(): Claim {
  let env: TestWorkflowEnvironment;
  let simulator: Simulator;
  let worker: WorkerProcess;
  let browser: Browser;
  const taskQueue = DEFAULT_TASK_QUEUE;

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    env = await connectToTestServer();
    simulator = await startSimulator();
    worker = startWorkerProcess({
      TEMPORAL_ADDRESS: env.address,
      TEMPORAL_TASK_QUEUE: taskQueue,
      MODELARTS_ENDPOINT: simulator.url,
      HW_PROJECT_ID: simulator.projectId,
      HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
    });
    // Each launch has an empty user data folder of its own.
    const executablePath = process.env['CHROMIUM_PATH'];
    browser = await chromium.launch({
      args: CHROMIUM_ARGS,
      ...(executablePath && { executablePath }),
    });
    await worker.logged('Listening');
  });
  afterAll(async () => {
    await browser?.close();
    await worker?.end('SIGTERM');
    endAllWorkers();
    await simulator?.close();
    await env?.teardown();
  });

  return (name, test) => {
    it(name, async () => {
      const ui = process.env['TEST_TEMPORAL_UI'] ?? '';
      const context = await browser.newContext(WINDOW);
      // The UI asks for news elsewhere.
      await context.route(
        (url) => url.origin !== ui,
        (route) => route.abort(),
      );
      const page = await context.newPage();
      try {
        await test({
          ui: new TemporalUi(page, ui),
          list: new WorkflowList(page, ui),
          simulator,
          client: env.client,
          taskQueue,
          idOf: (jobId) => restartId(simulator.projectId, jobId),
          keep: async (as) => {
            await page.locator('#content').screenshot({ path: artifact(`${as}.png`) });
          },
        });
      } catch (error) {
        await keepFailure(page, name);
        throw error;
      } finally {
        await context.close();
      }
    });
  };
}

async function keepFailure(page: Page, claim: string): Promise<void> {
  const as = `failed-${claim.replaceAll(/\W+/g, '-').toLowerCase()}`;
  await page.screenshot({ path: artifact(`${as}.png`) }).catch(() => undefined);
  const texts = await Promise.all(
    page.frames().map((frame) => frame.innerText('body').catch(() => '(no text)')),
  );
  writeFileSync(artifact(`${as}.txt`), [page.url(), ...texts].join('\n\n'));
}

const artifact = (name: string): string => path.join(ARTIFACTS, name);

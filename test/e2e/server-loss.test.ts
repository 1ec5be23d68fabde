import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startChild } from '../../scripts/child.mjs';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { restartId } from '../../src/domain/ids.js';
import { endOf, eventually, progressWhen } from '../setup/stage.js';
import { temporalCli } from '../setup/temporal.js';
import { freePort } from './free-port.js';
import { endAllWorkers, startWorkerProcess } from './worker-process.js';

/** A Temporal server that keeps its data in a file, and can be killed and started again. */
class DurableServer {
  #server: ReturnType<typeof startChild> | undefined;
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'temporal-'));
  constructor(readonly port: number) {}

  start(): void {
    const db = path.join(this.#folder, 'temporal.db');
    const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--log-level', 'never'];
    const where = ['--port', String(this.port), '--db-filename', db];
    this.#server = startChild(temporalCli(), [...args, ...where]);
  }

  /** Kills it (SIGKILL). */
  async kill(): Promise<void> {
    await this.#server?.close();
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

let server: DurableServer;
let simulator: Simulator;
let connection: Connection | undefined;

beforeAll(async () => {
  server = new DurableServer(await freePort());
  simulator = await startSimulator();
});
afterAll(async () => {
  endAllWorkers();
  await connection?.close();
  await simulator.close();
  await server.remove();
});

async function anotherLook(): Promise<void> {
  const looks = () => simulator.requests({ jobId: '851', operation: 'detail' }).length;
  const before = looks();
  await eventually(() => looks() > before || undefined);
}

it('kill -9 of the Temporal server during the wait loses nothing and sends no second request', async () => {
  server.start();
  const address = `127.0.0.1:${server.port}`;
  connection = await eventually(() => Connection.connect({ address }).catch(() => undefined));
  simulator.addJob({
    jobId: '851',
    status: 12,
    timelines: { restart: [{ afterMs: 0, status: 7 }] },
  });
  const worker = startWorkerProcess({
    TEMPORAL_ADDRESS: address,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  });
  await worker.logged('Listening');
  const handle = await new Client({ connection }).workflow.start('restartVisualizationJob', {
    taskQueue: 'modelarts-restarts',
    workflowId: restartId(simulator.projectId, '851'),
    args: [{ jobId: '851', pollInterval: '1s' }],
  });
  await progressWhen(handle, ({ last }) => last?.code === 7);
  // The wait for the next status is on the worker once it has looked again.
  await anotherLook();

  await server.kill();
  await anotherLook();
  // Temporal's own warnings are lines of JSON as all others.
  await eventually(() => worker.stdout.find((line) => line.includes('retry')));
  simulator.setStatus('851', 8);
  server.start();

  await eventually(() => handle.describe().catch(() => undefined));
  expect(await endOf(handle)).toMatchObject({
    status: 'completed',
    outcome: { outcome: 'running' },
  });
  expect(simulator.requests({ jobId: '851', operation: 'restart' })).toHaveLength(1);
  expect(await worker.end('SIGTERM')).toBe(0);
  for (const line of worker.stdout) {
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) });
  }
  expect(worker.stderr).toEqual([]);
}, 150_000);

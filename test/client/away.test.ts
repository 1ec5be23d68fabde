import { connect, createServer, type Server, type Socket } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import {
  followRestart,
  startRestart,
  TemporalUnreachableError,
  type RestartProgress,
} from '../../src/client/index.js';
import { freePort } from '../e2e/free-port.js';
import { openStage, type Stage } from '../setup/stage.js';

/** Stands between us and Temporal, and can be away. */
class Way {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  constructor(
    readonly port: number,
    readonly target: string,
  ) {}

  async open(): Promise<void> {
    const [host, port] = this.target.split(':');
    this.#server = createServer((socket) => {
      const upstream = connect(Number(port), host);
      for (const end of [socket, upstream]) {
        this.#sockets.add(end);
        end.on('error', () => undefined).on('close', () => this.#sockets.delete(end));
      }
      socket.pipe(upstream).pipe(socket);
    }).listen(this.port, '127.0.0.1');
    await new Promise((resolve) => this.#server!.once('listening', resolve));
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

let stage: Stage;
let way: Way;
let client: Client;
beforeAll(async () => {
  stage = await openStage();
  way = new Way(await freePort(), stage.env.address);
  await way.open();
  // Without the SDK's own retries, each call that fails reaches what is tested here at once.
  const connection = await Connection.connect({
    address: `127.0.0.1:${way.port}`,
    interceptors: [],
  });
  client = new Client({ connection });
});
afterAll(async () => {
  await client.connection.close();
  way.close();
  await stage.close();
});

const start = (jobId: string) =>
  startRestart(
    client,
    { jobId, pollInterval: '1s', settleTime: '10m' },
    { projectId: stage.projectId, taskQueue: stage.taskQueue },
  );

it('goes on following when Temporal was away for a moment', async () => {
  stage.simulator.addJob({ jobId: '21', status: 12, timelines: { restart: [] } });
  const started = await start('21');
  const seen: RestartProgress[] = [];
  const silences: unknown[] = [];
  const following = (async () => {
    const onSilence = (error: unknown) => silences.push(error);
    for await (const progress of followRestart(client, started, { everyMs: 100, onSilence })) {
      seen.push(progress);
    }
  })();
  way.close();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  stage.simulator.setStatus('21', 8);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await way.open();
  await following;
  expect(silences.length).toBeGreaterThan(0);
  expect(seen.at(-1)).toMatchObject({ phase: 'done', outcome: 'running' });
});

it('gives up when Temporal stays away for longer than its patience', async () => {
  stage.simulator.addJob({ jobId: '22', status: 12, timelines: { restart: [] } });
  const started = await start('22');
  const following = followRestart(client, started, { patienceMs: 1_000 });
  expect((await following.next()).value).toMatchObject({ jobId: '22' });
  way.close();
  const rest = (async () => {
    for await (const _ of following);
  })();
  await expect(rest).rejects.toBeInstanceOf(TemporalUnreachableError);
  await stage.client.workflow.getHandle(started.workflowId).terminate();
});

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { Child } from './child.js';
import { freePort } from './free-port.js';
import type { ChaosKit } from './kit.js';

const SEARCH_ATTRIBUTES = [
  'ModelArtsJobId',
  'ModelArtsOutcome',
  'ModelArtsErrorCode',
  'ModelArtsBatch',
];
const START_LIMIT_MS = 60_000;

/** A real Temporal server. It keeps its data in a file, so that a new process can go on. */
export class TemporalServer {
  kills = 0;
  #child: Child | undefined;

  private constructor(
    readonly kit: ChaosKit,
    readonly port: number,
  ) {}

  static async start(kit: ChaosKit): Promise<TemporalServer> {
    const server = new TemporalServer(kit, await freePort());
    await server.start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts the server on its port, and waits until it is ready. */
  async start(): Promise<void> {
    const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1']
      .concat(['--port', String(this.port), '--log-level', 'never'])
      .concat(['--db-filename', path.join(this.kit.folder, 'temporal.db')])
      .concat(SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]));
    this.#child = new Child(this.kit, this.kit.cli, args, {
      env: { HOME: this.kit.folder },
    });
    await this.#untilReady(this.#child);
  }

  async kill(): Promise<void> {
    if ((await this.#child?.kill()) !== undefined) this.kills += 1;
  }

  async close(): Promise<void> {
    await this.#child?.close();
  }

  async #untilReady(child: Child): Promise<void> {
    const namespace = 'default';
    for (const deadline = Date.now() + START_LIMIT_MS; ;) {
      let connection: Connection | undefined;
      try {
        connection = await Connection.connect({ address: this.address, connectTimeout: '2s' });
        const { customAttributes } = await connection.operatorService.listSearchAttributes({
          namespace,
        });
        if (SEARCH_ATTRIBUTES.every((name) => name in (customAttributes ?? {}))) return;
      } catch (error) {
        if (child.isEnded || Date.now() > deadline) {
          const why = child.lines.slice(-5).join('\n');
          throw new Error(`The Temporal server did not get ready: ${why}`, { cause: error });
        }
      } finally {
        await connection?.close();
      }
      await sleep(50);
    }
  }
}

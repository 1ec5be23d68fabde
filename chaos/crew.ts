import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../proof/random.js';
import { Child } from './child.js';
import { EXCHANGE_MS, KEYS, TASK_QUEUE, type ChaosKit } from './kit.js';

/** Workers, each in a process of its own. Each one that ends is replaced. */
export class Crew {
  /** When workers were killed, in milliseconds since the epoch. */
  readonly kills: number[] = [];
  /** The last lines of each worker that ended without being killed. */
  readonly deserters: string[] = [];
  /** All workers so far, ended ones included. */
  readonly members: Child[] = [];
  readonly #places: Child[];
  #isOver = false;

  constructor(
    readonly kit: ChaosKit,
    readonly env: { address: string; endpoint: string; projectId: string },
    count: number,
    readonly workerEnv: NodeJS.ProcessEnv,
  ) {
    this.#places = Array.from({ length: count }, () => this.#start());
  }

  /**
   * Kills a worker that polls, and starts another in its place. Spares a worker after its
   * start for as long as the start took, or no worker would do any work on a slow machine.
   */
  async killOne(random: Random): Promise<void> {
    const ripe = this.#places.filter(
      ({ startedAt, readyAt = Infinity }) => Date.now() - readyAt >= readyAt - startedAt,
    );
    if (ripe.length === 0) return;
    const member = random.pick(ripe);
    const place = this.#places.indexOf(member);
    const killedAt = await member.kill();
    if (killedAt !== undefined) this.kills.push(killedAt);
    this.#places[place] = this.#start();
  }

  /** Waits until all workers poll. Returns how many milliseconds the slowest took. */
  async listening(): Promise<number> {
    const tookMs = this.#places.map(async (member) => {
      while (member.readyAt === undefined && !member.isEnded) await sleep(20);
      return (member.readyAt ?? Date.now()) - member.startedAt;
    });
    return Math.max(...(await Promise.all(tookMs)));
  }

  /** What the workers have printed. */
  lines(): string[] {
    return this.members.flatMap(({ lines }) => lines);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#places.map((member) => member.close()));
  }

  #start(): Child {
    const { address, endpoint, projectId } = this.env;
    const env = {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_TASK_QUEUE: TASK_QUEUE,
      MODELARTS_ENDPOINT: endpoint,
      MODELARTS_REQUEST_TIMEOUT: `${EXCHANGE_MS}ms`,
      HW_PROJECT_ID: projectId,
      HW_ACCESS_KEY: KEYS.accessKey,
      HW_SECRET_KEY: KEYS.secretKey,
      ...this.workerEnv,
    };
    const readyLine = '"msg":"Listening"';
    const member = new Child(this.kit, process.execPath, [this.kit.worker], { env, readyLine });
    this.members.push(member);
    void member.ended.then(() => this.#ended(member));
    return member;
  }

  /** Records and replaces a worker that ended without being killed. */
  #ended(member: Child): void {
    if (this.#isOver || member.isKilled) return;
    this.deserters.push(member.lines.slice(-10).join('\n'));
    const place = this.#places.indexOf(member);
    if (place >= 0) this.#places[place] = this.#start();
  }
}

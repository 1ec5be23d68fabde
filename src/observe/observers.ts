import { readFileSync } from 'node:fs';
import { Runtime, type Worker } from '@temporalio/worker';
import type { Settings } from '../config.js';
import { defined } from '../domain/defined.js';
import type { StatusFeed } from '../feed/status-feed.js';
import type { Logger } from '../log.js';
import type { Answered, ModelArtsClient } from '../modelarts/client.js';
import type { TemporalAccess } from '../temporal.js';
import { type CredentialsHealth, Health } from './health.js';
import { installRuntime } from './install-runtime.js';
import { LastPoll } from './last-poll.js';
import { WorkerMetrics } from './metrics.js';
import { ModelArtsState } from './modelarts-state.js';

/** The parts of a running worker that are watched. */
interface Parts {
  worker: Worker;
  access: TemporalAccess;
  feed: StatusFeed;
  modelarts: ModelArtsClient;
}

/** What lets people and machines see how a worker does: its metrics and its health, where they are wanted. */
export class Observers {
  readonly #state = new ModelArtsState();
  #metrics: WorkerMetrics | undefined;
  #health: Health | undefined;
  #lastPoll: LastPoll | undefined;

  private constructor(readonly version: string) {}

  /**
   * Installs the SDK's runtime, and begins to serve what the settings ask for.
   *
   * @throws SettingsError if an address can't be had
   */
  static async open(settings: Settings, logger: Logger, stopping: AbortSignal): Promise<Observers> {
    const { metricsAddress, healthAddress, taskQueue } = settings;
    const observers = new Observers(readVersion());
    const metricsAt = await installRuntime(logger, metricsAddress);
    if (metricsAt !== undefined) {
      observers.#metrics = new WorkerMetrics(Runtime.instance().metricMeter);
      logger.info({ address: metricsAt }, 'Serving /metrics');
    }
    if (healthAddress !== undefined) {
      observers.#health = new Health({ version: observers.version, taskQueue }, stopping);
      const address = await observers.#health.listen(healthAddress);
      logger.info({ address }, 'Serving /livez and /readyz');
    }
    return observers;
  }

  answered(answered: Answered): void {
    this.#state.answered(answered.answer);
    this.#metrics?.answered(answered);
  }

  /** Begins to watch the worker, which is about to run. */
  watch({ worker, access, feed, modelarts }: Parts): void {
    if (this.#metrics === undefined && this.#health === undefined) return;
    const { connection, namespace } = access;
    const { taskQueue, identity, workerDeploymentOptions } = worker.options;
    const buildId = workerDeploymentOptions?.version.buildId;
    const lastPoll = new LastPoll({ connection, namespace, taskQueue, identity });
    this.#lastPoll = lastPoll;
    const lastPollAt = () => lastPoll.at;
    this.#metrics?.watch({ feed, modelarts, lastPollAt, version: this.version, buildId });
    this.#health?.watch({
      state: () => worker.getState(),
      buildId,
      lastPollAt,
      waits: () => feed.waits,
      credentials: () => credentialsHealth(modelarts.credentials.state()),
      modelarts: () => this.#state.report,
    });
  }

  close(): void {
    this.#lastPoll?.close();
    this.#metrics?.close();
    this.#health?.close();
  }
}

function credentialsHealth({
  from,
  state,
  expiresAtMs,
}: ReturnType<ModelArtsClient['credentials']['state']>): CredentialsHealth {
  const end = expiresAtMs === undefined ? undefined : new Date(expiresAtMs).toISOString();
  return { from, ...defined({ end }), usable: state === 'usable' || state === 'untried' };
}

function readVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

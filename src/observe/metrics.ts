import type { MetricMeter } from '@temporalio/common';
import { denialOf, type ReadAnswer, type RequestAnswer } from '../domain/answer.js';
import type { StatusFeed } from '../feed/status-feed.js';
import type { Answered, ModelArtsClient } from '../modelarts/client.js';
import { toWallClock } from '../modelarts/clock.js';

/** How often the gauges are set. Prometheus usually asks every 15 s to 60 s. */
const SET_EVERY_MS = 2_000;

const OPERATIONS = ['detail', 'list', 'restart', 'stop'] as const;

/** What may become of a call: the kinds of answers, and a refusal of the credentials or their rights. */
const RESULTS_OF = {
  detail: ['read', 'refused', 'denied', 'again'],
  list: ['read', 'refused', 'denied', 'again'],
  restart: ['accepted', 'refused', 'denied', 'ambiguous', 'not-sent'],
  stop: ['accepted', 'refused', 'denied', 'ambiguous', 'not-sent'],
} as const;

/** What the gauges are read from. */
export interface Gauged {
  feed: Pick<StatusFeed, 'waits' | 'overdueMs'>;
  modelarts: Pick<ModelArtsClient, 'budget' | 'longestPauseMs'> & {
    credentials: Pick<ModelArtsClient['credentials'], 'state'>;
  };
  /** On the monotonic clock; `undefined` if there was none yet. */
  lastPollAt: () => number | undefined;
  version: string;
  buildId: string | undefined;
}

/**
 * The worker's own metrics. Workflows count the restarts (`src/workflows/the-restart.ts`). A label has
 * few values: never a job, a project or a text.
 */
export class WorkerMetrics {
  readonly #meter: MetricMeter;
  readonly #requests;
  readonly #durations;
  #timer: NodeJS.Timeout | undefined;

  constructor(meter: MetricMeter) {
    this.#meter = meter;
    this.#requests = meter.createCounter(
      'modelarts_requests',
      '',
      'Calls to ModelArts that were answered or lost, by what became of them',
    );
    this.#durations = meter.createHistogram(
      'modelarts_request_duration_seconds',
      'float',
      '',
      'How long calls to ModelArts took, from leaving the worker’s queue to the end of the answer',
    );
    // A counter that begins with its first event would hide that event from Prometheus' increase().
    for (const operation of OPERATIONS) {
      for (const result of RESULTS_OF[operation]) this.#requests.add(0, { operation, result });
    }
  }

  answered({ operation, told, tookMs }: Answered): void {
    this.#requests.add(1, { operation, result: resultOf(told) });
    this.#durations.record(tookMs / 1_000, { operation });
  }

  /** Sets the gauges now, and every few seconds until this is closed. */
  watch({ feed, modelarts, lastPollAt, version, buildId = '' }: Gauged): void {
    const gauge = (name: string, help: string) => this.#meter.createGauge(name, 'float', '', help);
    const waits = gauge('modelarts_waits', 'Waits for a change of a job on this worker');
    const overdue = gauge(
      'modelarts_oldest_look_overdue_seconds',
      'For how long the look that is due for longest has been due',
    );
    const left = gauge(
      'modelarts_budget_left',
      'Calls that the gateway’s limit leaves now; +Inf while no limit is known',
    );
    const waiting = gauge(
      'modelarts_budget_waiting',
      'Requests that wait for their turn under the gateway’s limit',
    );
    const pause = gauge(
      'modelarts_throttle_pause_seconds',
      'How long nothing is sent for a throttled project; the longest pause',
    );
    const lastPoll = gauge(
      'modelarts_last_poll_timestamp_seconds',
      'When this worker last polled Temporal, by Temporal’s account',
    );
    const expiry = gauge(
      'modelarts_credentials_expiry_timestamp_seconds',
      'When the credentials end; absent while that is not known',
    );
    const refused = gauge(
      'modelarts_credentials_refused',
      '1 if the last refusal of the credentials could not be mended by renewing them, or IAM refuses the login; else 0',
    );
    const build = gauge('modelarts_restarter_build_info', 'Always 1; the labels name the build');
    build.set(1, { version, build_id: buildId });
    const set = (): void => {
      waits.set(feed.waits);
      overdue.set(feed.overdueMs() / 1_000);
      left.set(modelarts.budget.left);
      waiting.set(modelarts.budget.waiting);
      pause.set(modelarts.longestPauseMs() / 1_000);
      const { state, expiresAtMs } = modelarts.credentials.state();
      refused.set(state === 'refused' ? 1 : 0);
      if (expiresAtMs !== undefined) expiry.set(expiresAtMs / 1_000);
      const polledAt = lastPollAt();
      if (polledAt !== undefined) lastPoll.set(toWallClock(polledAt) / 1_000);
    };
    set();
    this.#timer = setInterval(set, SET_EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function resultOf(answer: ReadAnswer<unknown> | RequestAnswer): string {
  const isDenied = answer.kind === 'refused' && denialOf(answer.error) !== undefined;
  return isDenied ? 'denied' : answer.kind;
}

import { TimeoutType } from '@temporalio/common';
import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { RestartActivities, WorkerFacts } from '../activities/activities.js';
import type { RequestAnswer, ServiceError } from '../domain/answer.js';
import { defined } from '../domain/defined.js';
import type { JobRef } from '../domain/ids.js';
import type { RestartOptions } from '../domain/options.js';
import { statusOf } from '../domain/status.js';
import { forbiddenBy } from '../domain/worker-limits.js';
import type { Hands, Look, LookFor, Ongoing, RequestName, WaitFor } from './protocol/hands.js';
import { announceJob } from './temporal-ui.js';

/** Assumed until the first look brings the worker's own setting. */
const USUAL_EXCHANGE_MS = 20_000;

/** How long to wait for `describeWorker` if only the search attributes depend on it. */
export const FACTS_WITHIN_MS = 30_000;

/** Added to each activity's deadline. The attempts end by themselves; this is the backstop. */
const SLACK_MS = 10_000;

/** Implements `Hands` by activities and timers. The restart counts as cancelled if the scope that created this object is. */
export class ActivityHands implements Hands {
  /** The worker's facts, from the first look or from `askForFacts`. */
  facts: WorkerFacts | undefined;
  /** What the input asks for and the worker does not allow. Known with the first look, before any request. */
  problems: readonly string[] = [];
  /** What the gateway's limit does to the looks, as the last look told. */
  pace: string | undefined;
  /**
   * A batch has asked for this job at this instant: for the first look of this restart, a page of the list
   * that showed the job up somewhat later is enough for `ifRunning: "attach"`.
   */
  #upSinceMs = askedByBatchAtMs();
  readonly #root = CancellationScope.current();

  constructor(
    readonly job: JobRef,
    readonly options: RestartOptions,
    readonly show: () => void,
  ) {}

  now(): number {
    return Date.now();
  }

  random(): number {
    return Math.random();
  }

  isCancelled(): boolean {
    return this.#root.consideredCancelled;
  }

  look(input: LookFor): Ongoing<Look> {
    const options = {
      summary: `look at job ${this.job.jobId}`,
      scheduleToCloseTimeout: this.#untilAnswered(input.deadlineMs),
    };
    const upSinceMs = this.options.ifRunning === 'attach' ? this.#upSinceMs : undefined;
    this.#upSinceMs = undefined;
    const looking = { job: this.job, ...input, ...defined({ upSinceMs }) };
    return ongoing(async () => {
      const answer = looks.lookAtJob.executeWithOptions(options, [looking]);
      const { look, worker, pace } = await answer;
      this.#learn(worker);
      this.pace = pace;
      const [problem] = this.problems;
      return problem === undefined ? look : { kind: 'refused', error: { message: problem } };
    });
  }

  /** Asks the worker for its facts, unless a look has brought them. */
  async askForFacts(): Promise<void> {
    if (this.facts !== undefined) return;
    const options = { summary: 'ask for defaults', scheduleToCloseTimeout: FACTS_WITHIN_MS };
    try {
      await CancellationScope.nonCancellable(async () =>
        this.#learn(
          await facts.describeWorker.executeWithOptions(options, [{ isProjectKnown: true }]),
        ),
      );
    } catch (error) {
      // The restart goes on without its search attributes.
      if (!(error instanceof ActivityFailure)) throw error;
    }
  }

  #learn(worker: WorkerFacts): void {
    if (this.facts !== undefined) return;
    this.facts = worker;
    this.problems = forbiddenBy(worker, { ...this.options, ...this.job });
    announceJob(worker.searchAttributes, this.job.jobId);
  }

  waitForChange(input: WaitFor): Ongoing<Look> {
    const { pollIntervalMs, settleTimeMs: goneGraceMs } = this.options;
    const options = {
      summary: `job ${this.job.jobId} is ${statusOf(input.last).name}: wait for a change`,
      scheduleToCloseTimeout: this.#untilAnswered(input.deadlineMs),
    };
    const wait = { job: this.job, pollIntervalMs, goneGraceMs, ...input };
    return ongoing(async () => {
      const result = await waits.waitForStatusChange.executeWithOptions(options, [wait]);
      const { pace, ...seen } = result;
      this.pace = pace;
      return seen;
    });
  }

  async send(request: RequestName, sendByMs: number): Promise<RequestAnswer> {
    const withinMs = Math.max(1, sendByMs - Date.now());
    const options = {
      summary: `ask ModelArts to ${request} job ${this.job.jobId}`,
      scheduleToStartTimeout: withinMs,
      startToCloseTimeout: this.#untilAnswered(sendByMs),
    };
    const activity = request === 'restart' ? requests.requestRestart : requests.requestStop;
    try {
      return await activity.executeWithOptions(options, [{ job: this.job, sendByMs }]);
    } catch (error) {
      return lostAnswer(error);
    }
  }

  pause(ms: number): Ongoing<unknown> {
    return ongoing(() => sleep(ms));
  }

  log(sentence: string, fields: object): void {
    log.info(sentence, { ...fields });
  }

  /** How long until an exchange that starts at this instant is answered, with slack. */
  #untilAnswered(instantMs: number): number {
    const exchangeMs = this.facts?.requestTimeoutMs ?? USUAL_EXCHANGE_MS;
    return Math.max(0, instantMs - Date.now()) + exchangeMs + SLACK_MS;
  }
}

/** When the batch was started that has started this restart, in milliseconds since the epoch. */
function askedByBatchAtMs(): number | undefined {
  const { askedAtMs } = (workflowInfo().memo ?? {}) as { askedAtMs?: unknown };
  return typeof askedAtMs === 'number' ? askedAtMs : undefined;
}

/** Runs a call in its own scope, so that abandoning the call cancels nothing else. */
function ongoing<T>(call: () => Promise<T>): Ongoing<T | { kind: 'lost'; error: ServiceError }> {
  const scope = new CancellationScope();
  const result = scope.run(call).catch((error: unknown) => {
    // Any result will do: the call was abandoned, and nobody reads it.
    if (scope.consideredCancelled && isCancellation(error)) return lostLook(error);
    if (!(error instanceof ActivityFailure)) throw error;
    return lostLook(error);
  });
  return { result, abandon: () => scope.cancel() };
}

/** The result of a look that Temporal gave up, because no worker answered in time. */
function lostLook(error: unknown): { kind: 'lost'; error: ServiceError } {
  const why =
    error instanceof ActivityFailure ? (error.cause?.message ?? error.message) : 'given up';
  return { kind: 'lost', error: { message: `no look was answered in time: ${why}` } };
}

/** The answer for a request that Temporal gave up. It may have been sent, unless its attempt never started. */
function lostAnswer(error: unknown): RequestAnswer {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  const timeout = cause instanceof TimeoutFailure ? cause.timeoutType : undefined;
  if (timeout === TimeoutType.SCHEDULE_TO_START) {
    return { kind: 'not-sent', error: { message: 'no worker took the request up in time' } };
  }
  const message = `the worker was lost during the request: ${cause?.message ?? error.message}`;
  return { kind: 'ambiguous', error: { message } };
}

/** A worker heartbeats every 4s; one that is silent for this long counts as dead. */
const REQUEST_HEARTBEAT = '15s';

/** The longest exchange that a worker's settings allow (5m), and time for the way there and back. */
const LONGEST_EXCHANGE = '330s';

/**
 * A worker has these facts in memory, or asks IAM for the project, so an answer that takes longer is lost. The time of
 * the next attempt is set as for looks.
 */
export const facts = proxyActivities<Pick<RestartActivities, 'describeWorker'>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});

/**
 * One look per attempt. A failed attempt sets the time of the next one (`nextRetryDelay`), so this
 * policy applies only after an attempt that died: try again soon, at even intervals.
 */
const looks = proxyActivities<Pick<RestartActivities, 'lookAtJob'>>({
  startToCloseTimeout: LONGEST_EXCHANGE,
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});

/**
 * An attempt reads the list page by page, 100 pages of at most 20 seconds at the longest (ModelArts may
 * give 100 jobs a page), up to three times. The time of the next attempt is set as for looks.
 */
export const lists = proxyActivities<Pick<RestartActivities, 'selectJobs'>>({
  startToCloseTimeout: '2h',
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});

/**
 * One attempt only, because Temporal can't know whether the request went out. The workflow waits for
 * the answer even when it is cancelled, so that the answer is never unknown for that reason.
 * Each call sets its own timeouts, because they depend on the worker's settings.
 */
const requests = proxyActivities<Pick<RestartActivities, 'requestRestart' | 'requestStop'>>({
  startToCloseTimeout: LONGEST_EXCHANGE,
  heartbeatTimeout: REQUEST_HEARTBEAT,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: 1 },
});

/**
 * One attempt lasts for the whole wait. It heartbeats every 20s; after a minute of silence its worker
 * counts as dead, and the next attempt starts a second later. TRY_CANCEL, because the workflow's next
 * wait ends a cancelled one on the worker, so nothing needs to wait for the cancellation.
 */
export const waits = proxyActivities<
  Pick<RestartActivities, 'waitForStatusChange' | 'followRestart' | 'updateRestart'>
>({
  startToCloseTimeout: '15d',
  heartbeatTimeout: '60s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});

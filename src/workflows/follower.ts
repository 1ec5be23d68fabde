import {
  ApplicationFailure,
  CancellationScope,
  condition,
  currentUpdateInfo,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { UpdateAnswer } from '../activities/activities.js';
import { defined } from '../domain/defined.js';
import { readFailure } from '../domain/failures.js';
import { isNexusRestart } from '../domain/ids.js';
import type { RestartOptions } from '../domain/options.js';
import {
  asJoined,
  type ExtendedDeadline,
  type RestartAccepted,
  type RestartOutcome,
  type RestartProgress,
} from '../domain/outcome.js';
import { showFollowed } from './temporal-ui.js';
import { DESCRIPTIONS, extensionMs, failure, failureFor, tooLateToExtend } from './replies.js';
import {
  acceptedUpdate,
  checkNowSignal,
  extendDeadlineUpdate,
  progressQuery,
  restartJoinedSignal,
} from './messages.js';
import { RestartRecord } from './protocol/record.js';
import { waits } from './activity-hands.js';

/** A `restartJoined` signal usually arrives within 0.1 s. */
const JOINING_MS = 1_000;

/** Answers the messages to a workflow that follows *the* restart: passes them on, and shows its state. */
export class Follower {
  #restart: string | undefined;
  #runId: string | undefined;
  #joined = false;
  #isShared = false;
  #end: { outcome: RestartOutcome } | { error: unknown } | undefined;
  readonly #options: RestartOptions;
  readonly #startedAt = workflowInfo().startTime.getTime();
  #projectId: string;

  constructor(options: RestartOptions, projectId = '') {
    this.#options = options;
    this.#projectId = projectId;
    setHandler(progressQuery, () => this.#progress(), { description: DESCRIPTIONS.progress });
    setHandler(checkNowSignal, () => this.#checkNow(), { description: DESCRIPTIONS.checkNow });
    if (isNexusRestart(workflowInfo().workflowId)) {
      const description = DESCRIPTIONS.restartJoined;
      setHandler(restartJoinedSignal, () => void (this.#isShared = true), { description });
    }
    setHandler(acceptedUpdate, () => this.#accepted(), { description: DESCRIPTIONS.accepted });
    setHandler(extendDeadlineUpdate, (input) => this.#extendDeadline(input), {
      description: DESCRIPTIONS.extendDeadline,
      validator: (input) => void extensionMs(input),
    });
  }

  /** Sets the restart to follow. `started` is the child if this workflow started it, absent if it joined. */
  follows(workflowId: string, projectId: string, started?: { firstExecutionRunId: string }): void {
    const joined = started === undefined;
    this.#restart = workflowId;
    this.#projectId = projectId;
    this.#joined = joined;
    this.#runId = started?.firstExecutionRunId;
    showFollowed(workflowId, joined);
    log.info(joined ? 'Joined the restart under way' : 'Started the restart', {
      restart: workflowId,
    });
  }

  /**
   * Whether others have joined the restart that this workflow started for a Nexus caller. Waits a
   * moment for the signal of somebody who is joining just now.
   */
  async isShared(): Promise<boolean> {
    if (!isNexusRestart(workflowInfo().workflowId)) return false;
    return this.#isShared || condition(() => this.#isShared, JOINING_MS);
  }

  completed(outcome: RestartOutcome): RestartOutcome {
    this.#end = { outcome };
    return outcome;
  }

  failed(error: unknown): void {
    if (!isCancellation(error)) this.#end = { error };
    // If the restart's own outcome is known, `completed` has set it already.
    else this.#end ??= { outcome: this.#record().end({ outcome: 'canceled' }, Date.now()) };
  }

  /** The outcome if the restart's own can't be known any more. */
  lost(why: string): RestartOutcome {
    const error = { message: `the restart that this one followed is gone: ${why}` };
    return this.#record().end({ outcome: 'unknown', error }, Date.now());
  }

  /** The outcome if the time was up before *the* restart could be started or joined. */
  timedOut(why: string): RestartOutcome {
    return this.#record().end({ outcome: 'timed-out', error: { message: why } }, Date.now());
  }

  #record(): RestartRecord {
    const record = new RestartRecord(this.#projectId, this.#options, this.#startedAt);
    record.attached = this.#joined;
    return record;
  }

  #progress(): RestartProgress {
    const restart = this.#restart && { restart: this.#restart };
    const outcome = this.#end && outcomeIn(this.#end);
    if (outcome !== undefined) return { ...outcome, phase: 'done', ...restart };
    const phase = this.#end !== undefined ? 'done' : restart ? 'waiting' : 'checking';
    return { ...this.#record().progress(), phase, ...restart };
  }

  async #checkNow(): Promise<void> {
    // Not cancelled with this workflow, which may still be waiting for the restart.
    await CancellationScope.nonCancellable(async () => {
      await condition(() => this.#restart !== undefined || this.#end !== undefined);
      if (this.#restart === undefined || this.#end !== undefined) return;
      try {
        await getExternalWorkflowHandle(this.#restart, this.#runId).signal(checkNowSignal);
      } catch (error) {
        // The restart ended a moment ago, so there is nothing left to look at.
        log.info('Could not pass checkNow on', { restart: this.#restart, why: String(error) });
      }
    });
  }

  async #accepted(): Promise<RestartAccepted> {
    const answer = await this.#passOn('accepted', []);
    if (answer !== undefined) {
      return asJoined(answer as RestartAccepted, this.#joined);
    }
    // Not cancelled with this workflow: the caller must learn how it ended.
    await CancellationScope.nonCancellable(() => condition(() => this.#end !== undefined));
    const end = this.#end!;
    const outcome = outcomeIn(end);
    // If ModelArts took the request, `accepted` succeeds even though the restart failed later.
    const wasTaken = outcome?.acceptedAt !== undefined;
    if (outcome !== undefined && ('outcome' in end || wasTaken)) {
      const { before, acceptedAt, attached } = outcome;
      if (outcome.outcome === 'canceled' && acceptedAt === undefined) {
        throw failureFor(outcome) as ApplicationFailure;
      }
      return { ...defined({ before, acceptedAt }), attached };
    }
    throw 'error' in end ? end.error : (failureFor(end.outcome) as ApplicationFailure);
  }

  async #extendDeadline(input: unknown): Promise<ExtendedDeadline> {
    const answer = await this.#passOn('extendDeadline', [input]);
    if (answer !== undefined) return answer as ExtendedDeadline;
    throw tooLateToExtend('has ended');
  }

  /** Passes an update on and returns the restart's answer; `undefined` if the restart ended without one. */
  async #passOn(update: 'accepted' | 'extendDeadline', args: unknown[]): Promise<unknown> {
    const answer = await this.#answerTo(update, args);
    if (answer === undefined || answer.kind === 'lost') return undefined;
    if (answer.kind === 'answered') return answer.result;
    const outcome = answer.details[0] as RestartOutcome | undefined;
    throw failure(answer, outcome && asJoined(outcome, this.#joined));
  }

  /** Sends an update by an activity; `undefined` if this workflow ends before there is an answer. */
  async #answerTo(
    update: 'accepted' | 'extendDeadline',
    args: unknown[],
  ): Promise<UpdateAnswer | undefined> {
    const updateId = `${workflowInfo().workflowId}/${currentUpdateInfo()?.id}`;
    // Ends when this workflow's outcome is known, not when it is cancelled: the restart may go on for a while.
    const scope = new CancellationScope({ cancellable: false });
    return scope.run(async () => {
      await condition(() => this.#restart !== undefined || this.#end !== undefined);
      if (this.#restart === undefined || this.#end !== undefined) return undefined;
      const which = { workflowId: this.#restart, ...defined({ runId: this.#runId }) };
      const summary = `pass ${update} on to ${this.#restart}`;
      const passing = new CancellationScope();
      const asking = passing.run(() =>
        waits.updateRestart.executeWithOptions({ summary }, [{ ...which, update, args, updateId }]),
      );
      const ended = condition(() => this.#end !== undefined).then(() => undefined);
      try {
        return await Promise.race([asking, ended]);
      } finally {
        asking.catch(() => undefined);
        passing.cancel();
      }
    });
  }
}

function outcomeIn(
  end: { outcome: RestartOutcome } | { error: unknown },
): RestartOutcome | undefined {
  if ('outcome' in end) return end.outcome;
  if (!(end.error instanceof ApplicationFailure)) return undefined;
  return readFailure(end.error).outcome;
}

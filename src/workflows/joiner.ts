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
import type {
  ExtendedDeadline,
  RestartAccepted,
  RestartOutcome,
  RestartProgress,
} from '../domain/outcome.js';
import { isNexusRestart } from '../domain/nexus-restart.js';
import type { RestartRequest } from '../domain/request.js';
import { DESCRIPTIONS } from './descriptions.js';
import { showFollowed } from './details.js';
import { failure, failureFor } from './ending.js';
import { extensionMs } from './extension.js';
import {
  acceptedUpdate,
  checkNowSignal,
  extendDeadlineUpdate,
  progressQuery,
  restartJoinedSignal,
} from './messages.js';
import { waits } from './proxies.js';
import { iso, RestartRecord } from './protocol/record.js';

/** Word of a joiner comes within a tenth of a second, as long as workers listen. */
const JOINING_MS = 1_000;

/** Speaks for *the* restart that it follows: shows where it is, and passes on what it is asked. */
export class Joiner {
  #restart: string | undefined;
  #runId: string | undefined;
  #joined = false;
  #isShared = false;
  #end: { outcome: RestartOutcome } | { error: unknown } | undefined;
  readonly #request: RestartRequest;
  readonly #startedAt = workflowInfo().startTime.getTime();
  #projectId: string;

  constructor(request: RestartRequest, projectId = '') {
    this.#request = request;
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

  /** Tells which restart it is; the child where this one has started it, not somebody else. */
  follows(workflowId: string, projectId: string, started?: { firstExecutionRunId: string }): void {
    const joined = started === undefined;
    [this.#restart, this.#projectId, this.#joined] = [workflowId, projectId, joined];
    this.#runId = started?.firstExecutionRunId;
    showFollowed(workflowId, joined);
    log.info(joined ? 'Joined the restart under way' : 'Started the restart', {
      restart: workflowId,
    });
  }

  /**
   * Whether others have joined the restart that this one, asked by a Nexus caller, has started.
   * Word of somebody who joins at this very moment is on its way, and waited for.
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
    // What became of the restart, where that is known, has been told before.
    else this.#end ??= { outcome: this.#record().end({ outcome: 'canceled' }, Date.now()) };
  }

  /** The outcome where the restart's own can't be known any more. */
  lost(why: string): RestartOutcome {
    const error = { message: `the restart that this one followed is gone: ${why}` };
    return this.#record().end({ outcome: 'unknown', error }, Date.now());
  }

  /** The outcome where no worker could say which restart this is. */
  timedOut(why: string): RestartOutcome {
    return this.#record().end({ outcome: 'timed-out', error: { message: why } }, Date.now());
  }

  #record(): RestartRecord {
    const record = new RestartRecord(this.#projectId, this.#request, this.#startedAt);
    record.attached = this.#joined;
    return record;
  }

  #progress(): RestartProgress {
    const restart = this.#restart && { restart: this.#restart };
    const outcome = this.#end && outcomeOf(this.#end);
    if (outcome !== undefined) return { ...outcome, phase: 'done', ...restart };
    const phase = this.#end !== undefined ? 'done' : restart ? 'waiting' : 'checking';
    return { ...this.#record().progress(), phase, ...restart };
  }

  async #checkNow(): Promise<void> {
    await condition(() => this.#restart !== undefined || this.#end !== undefined);
    if (this.#restart === undefined || this.#end !== undefined) return;
    try {
      await getExternalWorkflowHandle(this.#restart, this.#runId).signal(checkNowSignal);
    } catch (error) {
      // It ended a moment ago: nothing is left to look at.
      log.info('Could not pass checkNow on', { restart: this.#restart, why: String(error) });
    }
  }

  async #accepted(): Promise<RestartAccepted> {
    const answer = await this.#passOn('accepted', []);
    if (answer !== undefined) {
      const accepted = answer as RestartAccepted;
      return { ...accepted, attached: accepted.attached || this.#joined };
    }
    // Not cancelled with this one: who asks learns how it ended.
    await CancellationScope.nonCancellable(() => condition(() => this.#end !== undefined));
    if ('outcome' in this.#end!) {
      const { before, acceptedAt, attached, outcome } = this.#end.outcome;
      if (outcome === 'canceled' && acceptedAt === undefined) {
        throw failureFor(this.#end.outcome) as ApplicationFailure;
      }
      return { ...(before && { before }), ...(acceptedAt && { acceptedAt }), attached };
    }
    throw this.#end!.error;
  }

  async #extendDeadline(input: unknown): Promise<ExtendedDeadline> {
    const answer = await this.#passOn('extendDeadline', [input]);
    if (answer !== undefined) return answer as ExtendedDeadline;
    const deadline = iso(Date.now() + extensionMs(input));
    throw failure({
      type: 'RestartTimedOut',
      message: `RestartTimedOut: the restart has ended, so its deadline can’t move to ${deadline}. Start it again.`,
    });
  }

  /** The restart's answer to an update; `undefined` where it has ended before it gave one. */
  async #passOn(update: 'accepted' | 'extendDeadline', args: unknown[]): Promise<unknown> {
    const answer = await this.#answerTo(update, args);
    if (answer === undefined) return undefined;
    if (answer.kind === 'lost') return undefined;
    if (answer.kind === 'answered') return answer.result;
    const outcome = answer.details[0] as RestartOutcome | undefined;
    throw failure(answer, outcome && { ...outcome, attached: outcome.attached || this.#joined });
  }

  /** `undefined` where it has ended, or this one has been cancelled, before there was one. */
  async #answerTo(
    update: 'accepted' | 'extendDeadline',
    args: unknown[],
  ): Promise<UpdateAnswer | undefined> {
    try {
      await condition(() => this.#restart !== undefined || this.#end !== undefined);
      if (this.#restart === undefined || this.#end !== undefined) return undefined;
      const updateId = `${workflowInfo().workflowId}/${currentUpdateInfo()?.id}`;
      const which = { workflowId: this.#restart, ...(this.#runId && { runId: this.#runId }) };
      return await waits.updateRestart.executeWithOptions(
        { summary: `pass ${update} on to ${this.#restart}` },
        [{ ...which, update, args, updateId }],
      );
    } catch (error) {
      if (isCancellation(error)) return undefined;
      throw error;
    }
  }
}

function outcomeOf(
  end: { outcome: RestartOutcome } | { error: unknown },
): RestartOutcome | undefined {
  if ('outcome' in end) return end.outcome;
  if (!(end.error instanceof ApplicationFailure)) return undefined;
  return end.error.details?.[0] as RestartOutcome | undefined;
}

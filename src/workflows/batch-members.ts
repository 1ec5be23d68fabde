import {
  ActivityFailure,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import type { BatchRecord } from '../domain/batch-record.js';
import { defined } from '../domain/defined.js';
import { restartId } from '../domain/ids.js';
import { endByActivity, type Restart, startRestartChild } from './restart-child.js';
import { batchAttribute } from './temporal-ui.js';
import type { Batch, BatchPlan, CarriedBatch } from './batch.js';
import { showBatch } from './batch-details.js';
import { asEnd, endOfChild, type MemberEnd } from './batch-member-end.js';

/** When a run of a batch hands over to the next one. */
export interface RunLimits {
  events: number;
  bytes: number;
}

/** The most starts in one answer to Temporal: each has up to 4 kB, and an answer may have 4 MB. */
const STARTS_AT_A_TIME = 200;

/** The longest name in a summary, in characters. Temporal takes 400 bytes. */
const LONGEST_IN_SUMMARY = 60;

/** The restarts of a batch: keeps as many under way as the plan says, until all have ended. */
export class Members {
  isCanceled = false;
  readonly #batch: Batch;
  readonly #plan: BatchPlan;
  readonly #record: BatchRecord;
  /** The run ids of the restarts under way that this batch started. A cancellation ends these. */
  readonly #started: Map<number, string>;
  /** The waits for restarts that somebody else started. A cancellation ends the waits alone. */
  readonly #joined = new Map<number, CancellationScope>();
  readonly #limits: RunLimits;
  readonly #root: CancellationScope;
  /** How many starts Temporal has not answered yet. */
  #starting = 0;
  /** How many have ended in this run. */
  #ended = 0;
  #hasNews = false;
  #broken: { error: unknown } | undefined;

  /**
   * @param started the restarts under way that an earlier run of this batch started
   * @param root the scope that is cancelled with the batch
   */
  constructor(
    batch: Batch,
    started: CarriedBatch['started'],
    limits: RunLimits,
    root: CancellationScope,
  ) {
    this.#batch = batch;
    this.#plan = batch.plan!;
    this.#record = batch.record;
    this.#started = new Map(
      Object.entries(started).map(([index, runId]) => [Number(index), runId]),
    );
    this.#limits = limits;
    this.#root = root;
  }

  /** Restarts the jobs. Ends once every job has an outcome, or when the next run should go on. */
  async run(): Promise<'all-ended' | 'run-is-long'> {
    const record = this.#record;
    this.#batch.phase = 'restarting';
    this.#root.cancelRequested.catch(() => this.#tell());
    // The results of an earlier run's children went to that run, which has ended.
    for (const index of record.underWay) this.#watch(this.#follow(index));
    for (;;) {
      this.#hasNews = false;
      if (this.#broken !== undefined) throw this.#broken.error;
      // Checked before each start, because one activation may bring a cancellation and a restart's end.
      if (this.#root.consideredCancelled) this.#cancel();
      const isLong = record.waiting > 0 && this.#isLong();
      if (!isLong) this.#send();
      showBatch(this.#batch);
      if (record.waiting === 0 && record.underWay.size === 0) return 'all-ended';
      // The next run would not learn of a start that is not answered yet.
      if (isLong && this.#starting === 0) return 'run-is-long';
      await condition(() => this.#hasNews);
    }
  }

  /** What the next run needs. */
  carry(): CarriedBatch {
    return {
      plan: this.#plan,
      startedAtMs: this.#batch.startedAtMs,
      record: this.#record.pack(),
      started: Object.fromEntries(this.#started),
    };
  }

  /** Starts restarts until as many are under way as allowed. Skips the rest once too many did not get there. */
  #send(): void {
    const { maxConcurrent, stopAfterFailures = Infinity } = this.#plan;
    const record = this.#record;
    if (record.missed >= stopAfterFailures) record.skipRest();
    while (record.underWay.size < maxConcurrent && this.#starting < STARTS_AT_A_TIME) {
      const index = record.next();
      if (index === undefined) return;
      this.#watch(this.#restart(index));
    }
  }

  async #restart(index: number): Promise<void> {
    this.#starting += 1;
    const child = await this.#start(index);
    this.#starting -= 1;
    // There may be room for another start now, or the next run may begin.
    this.#tell();
    if (child === undefined) return this.#follow(index);
    this.#started.set(index, child.firstExecutionRunId);
    if (this.isCanceled) this.#cancelRestart(index);
    return this.#end(index, await endOfChild(child));
  }

  #start(index: number): Promise<Restart | undefined> {
    const { projectId, each, name, searchAttributes } = this.#plan;
    const { workflowId: batch } = workflowInfo();
    const jobId = this.#record.jobIds[index]!;
    const memo = { batch, ...defined({ batchName: name }), askedAtMs: this.#batch.startedAtMs };
    const shown = [...(name ?? batch)].slice(0, LONGEST_IN_SUMMARY).join('');
    return startRestartChild(
      restartId(projectId, jobId),
      { ...each, jobId, projectId },
      {
        staticSummary: `restart job ${jobId}, of the batch ${shown}`,
        memo,
        typedSearchAttributes: batchAttribute(searchAttributes, name ?? batch),
      },
    );
  }

  /** Follows a restart that is no child of this run: the batch joined it, or an earlier run started it. */
  async #follow(index: number): Promise<void> {
    const runId = this.#started.get(index);
    const scope = new CancellationScope();
    if (runId === undefined) this.#joined.set(index, scope);
    // If a restart turns out to be under way only after the cancellation, it is left alone too.
    if (runId === undefined && this.isCanceled) scope.cancel();
    const workflowId = restartId(this.#plan.projectId, this.#record.jobIds[index]!);
    try {
      this.#end(index, asEnd(await scope.run(() => endByActivity(workflowId, runId))));
    } catch (error) {
      const message = 'the batch no longer follows it';
      if (isCancellation(error)) this.#end(index, { outcome: 'canceled', message });
      // This activity fails only if somebody makes it fail, for example by `temporal activity fail`.
      else if (error instanceof ActivityFailure) this.#end(index, { outcome: 'unknown', message });
      else throw error;
    }
  }

  #end(index: number, { outcome, message, errorCode }: MemberEnd): void {
    this.#ended += 1;
    this.#started.delete(index);
    this.#joined.delete(index);
    this.#record.ended(index, outcome, message, errorCode);
    this.#tell();
  }

  /** Sends nothing more, cancels what this batch started, and stops following what it joined. */
  #cancel(): void {
    if (this.isCanceled) return;
    this.isCanceled = true;
    this.#batch.phase = 'canceling';
    this.#record.skipRest();
    for (const index of this.#started.keys()) this.#cancelRestart(index);
    for (const scope of this.#joined.values()) scope.cancel();
  }

  #cancelRestart(index: number): void {
    const workflowId = restartId(this.#plan.projectId, this.#record.jobIds[index]!);
    // Fails only if the restart has ended, and then its result is on its way.
    getExternalWorkflowHandle(workflowId, this.#started.get(index))
      .cancel()
      .catch(() => undefined);
  }

  #isLong(): boolean {
    const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
    if (historyLength >= this.#limits.events || historySize >= this.#limits.bytes) return true;
    // The next run follows each restart under way by an activity. That must not be most of what it does.
    return continueAsNewSuggested && this.#ended >= this.#plan.maxConcurrent;
  }

  #tell(): void {
    this.#hasNews = true;
  }

  /** Ends the batch if a member throws. Only a bug of this program makes a member throw. */
  #watch(member: Promise<void>): void {
    member.catch((error: unknown) => {
      this.#broken = { error };
      this.#tell();
    });
  }
}

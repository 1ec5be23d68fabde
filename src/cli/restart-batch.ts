import type { Client } from '@temporalio/client';
import {
  type BatchInput,
  type BatchProgress,
  describeBatch,
  followBatch,
  startBatch,
  type StartedBatch,
} from '../client/index.js';
import { failureOfBatch } from '../domain/failures.js';
import { orAborted } from '../domain/or-aborted.js';
import { EXIT, type ExitCode } from '../exit.js';
import { codeUnlessConfirmed, countJobs } from './confirm.js';
import { connect, taskQueueOf } from './connect.js';
import { interruption, NO_ANSWER } from './follow-jobs.js';
import { painter, plainDisplay, print, printJson, tell, terminalDisplay } from './output.js';
import { BatchStory, countsOf, doing, missedTable } from './story.js';
import { quoted } from './target.js';

export interface RestartBatchFlags {
  yes?: boolean;
  detach?: boolean;
  json?: boolean;
}

/** `restart --status KILLED …`, or `restart` with many ids: runs a batch and follows it to its end. */
export async function restartBatch(
  input: BatchInput,
  projectId: string,
  flags: RestartBatchFlags,
): Promise<ExitCode> {
  const { client } = await connect(process.env);
  const stopped = await codeUnlessConfirmed(flags, () => countJobs(input, projectId, process.env));
  if (stopped !== undefined) return stopped;
  const { detach = false, json = false } = flags;
  const interrupted = interruption();
  let started: StartedBatch;
  try {
    const taskQueue = taskQueueOf(process.env);
    started = await orAborted(startBatch(client, input, { taskQueue }), interrupted);
  } catch (error) {
    if (!interrupted.aborted) throw error;
    if (json) printJson({ interrupted: true });
    tell(
      'Interrupted: the batch may have been started; to see it:\n' +
        '  modelarts-restarter list --running',
    );
    return EXIT.interrupted;
  }
  if (detach) {
    const { workflowId, joined } = started;
    if (json) printJson({ workflowId, attached: joined });
    else {
      print(joined ? 'joined the batch under way' : 'a worker has taken the batch up');
      for (const line of howToGoOn(workflowId)) print(line);
    }
    return EXIT.done;
  }
  return follow(client, started, json, interrupted);
}

async function follow(
  client: Client,
  started: StartedBatch,
  json: boolean,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const { workflowId, joined } = started;
  const paint = painter(process.stdout);
  const story = new BatchStory(paint);
  let last: BatchProgress | undefined;
  const live = (frame: string) => [
    ...(last === undefined || last.phase === 'selecting' ? [] : [countsOf(last)]),
    `${frame} ${last === undefined ? 'waiting for a worker' : doing(last)}`,
  ];
  const display = json
    ? undefined
    : process.stdout.isTTY
      ? await terminalDisplay(live)
      : plainDisplay();
  display?.line(`batch ${workflowId}${joined ? ': joined it while it was under way' : ''}`);
  const onSilence = () => display?.line(paint('yellow', NO_ANSWER));
  try {
    for await (const progress of followBatch(client, started, { signal: interrupted, onSilence })) {
      last = progress;
      for (const line of story.tell(progress)) display?.line(line);
    }
  } catch (error) {
    if (!interrupted.aborted) throw error;
  } finally {
    display?.close();
  }
  if (last?.phase === 'done') return report(client, started, last, json);
  if (json) printJson({ interrupted: true, workflowId, ...last });
  tell(['Interrupted: the batch goes on.', ...howToGoOn(workflowId)].join('\n'));
  return EXIT.interrupted;
}

/** Prints how a batch ended, and returns the exit code. */
async function report(
  client: Client,
  { workflowId, joined }: StartedBatch,
  end: BatchProgress,
  json: boolean,
): Promise<ExitCode> {
  const { total, running, finished, outcomes = [] } = end;
  const failure = failureOfBatch(end);
  const there = running + finished;
  // The total is also 0 if the batch was canceled before it had found its jobs.
  const isCanceled =
    total === 0 && (await describeBatch(client, { workflowId }).then((batch) => batch.canceled));
  if (json) printJson({ workflowId, attached: joined, ...outcomeOf(end) });
  if (isCanceled === true) {
    tell('The batch was canceled before it had found its jobs: nothing was sent.');
    return EXIT.failed;
  }
  if (json) {
    if (failure !== undefined) tell(failure.message);
  } else if (total === 0) print('No job matches: nothing was sent.');
  else {
    for (const line of missedTable(outcomes)) print(line);
    print(`${there} of ${total} got there`);
  }
  if (end.outcomes === undefined) {
    tell('The batch was canceled, and no worker tells how its jobs ended.');
  }
  return there === total ? EXIT.done : EXIT.failed;
}

/** The keys of a batch's progress that its outcome does not have. */
const PROGRESS_ONLY: readonly string[] = ['phase', 'waiting', 'underWay', 'jobs', 'failures'];

function outcomeOf(end: BatchProgress): object {
  return Object.fromEntries(Object.entries(end).filter(([key]) => !PROGRESS_ONLY.includes(key)));
}

function howToGoOn(workflowId: string): string[] {
  return [
    `  look at: modelarts-restarter status ${quoted(workflowId)}`,
    `  cancel:  modelarts-restarter cancel ${quoted(workflowId)}`,
  ];
}

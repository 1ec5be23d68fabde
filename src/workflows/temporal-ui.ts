import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { formatDuration } from '../domain/duration.js';
import { failureOf } from '../domain/failures.js';
import type { Phase, RestartOutcome } from '../domain/outcome.js';
import type { SearchAttribute } from '../names.js';
import { iso, type RestartRecord } from './protocol/record.js';

const DOING: Record<Phase, string> = {
  checking: 'looking at the job before it asks for the restart',
  stopping: 'stopping the job',
  requesting: 'asking ModelArts for the restart',
  waiting: 'following the job',
  done: 'done',
};

/** How many of the last events are shown: as many as fit a glance. */
const SHOWN_EVENTS = 12;

/** Shows in the Temporal UI, as Markdown, what the restart is doing, since when, and what comes next. */
export function showDetails(
  record: RestartRecord,
  deadlineMs: number,
  pace: string | undefined,
): void {
  const { options, last, lastSince, phase, trouble, pause } = record;
  const since = last && `${last.name} (${last.code}) since ${iso(lastSince)}`;
  setCurrentDetails(
    lines([
      `**Job ${options.jobId}**: ${since ?? 'not seen yet'}`,
      `**Now**: ${DOING[phase]}${phase === 'stopping' ? '' : `, until it is ${options.until}`}`,
      pause === undefined
        ? `**Next look**: within ${formatDuration(options.pollIntervalMs)} of the last`
        : `**Next try**: at ${iso(pause.untilMs)}, since ${pause.error.message}`,
      ...(pace === undefined ? [] : [`**Pace of the looks**: ${pace}`]),
      `**Deadline**: ${iso(deadlineMs)}`,
      ...(trouble === undefined ? [] : [`**Looks fail**: ${trouble.message}; they go on`]),
      ...history(record),
    ]),
  );
}

/** Shows how the restart ended, where the job is served, and what to do if it failed. */
export function showEnd(record: RestartRecord, outcome: RestartOutcome): void {
  const { jobId, last, serviceUrl, endedAt } = outcome;
  const failure = failureOf(outcome);
  setCurrentDetails(
    lines([
      `**Job ${jobId}**: ${last === undefined ? 'never seen' : `${last.name} (${last.code})`}`,
      `**Now**: ended as \`${outcome.outcome}\` at ${endedAt}`,
      ...(serviceUrl === undefined ? [] : [`**Served at**: ${serviceUrl}`]),
      ...(failure === undefined ? [] : ['', failure.message]),
      ...history(record),
    ]),
  );
}

/** Shows which restart this workflow follows. */
export function showFollowed(restart: string, joined: boolean): void {
  const how = joined ? 'joined it while it was under way' : 'started it';
  setCurrentDetails(
    lines([`**Follows**: \`${restart}\` (${how})`, 'Its page tells how it stands.']),
  );
}

/** Begins with an empty line, because Markdown needs one before a list. */
function history({ events }: RestartRecord): string[] {
  if (events.length === 0) return [];
  const shown = events.slice(-SHOWN_EVENTS).map((event) => `- ${event}`);
  return ['', '**What has happened**', '', ...shown];
}

function lines(parts: readonly string[]): string {
  return parts.join('\n');
}

// Literals, because the contract test reads them from the source. Their type allows only the names in `names.ts`.
const JOB_ID = keyOf('ModelArtsJobId');
const OUTCOME = keyOf('ModelArtsOutcome');
const ERROR_CODE = keyOf('ModelArtsErrorCode');

const BATCH = keyOf('ModelArtsBatch');

/** SQL stores of Temporal's keep at most 255 characters of a value. */
const LONGEST_VALUE = 200;

type Pair = { key: typeof JOB_ID; value: string };

/** Lets people find the restart by its job, unless it was started with that attribute. */
export function announceJob(registered: readonly string[], jobId: string): void {
  // For restarts that are under way: some were started so, and their histories have no such write.
  if (workflowInfo().typedSearchAttributes.get(JOB_ID) === jobId) return;
  upsert(registered, [{ key: JOB_ID, value: jobId }]);
}

/** Lets people find the restart by how it ended. */
export function announceOutcome(registered: readonly string[], outcome: RestartOutcome): void {
  const code = outcome.outcome === 'refused' ? outcome.error?.code : undefined;
  upsert(registered, [
    { key: OUTCOME, value: outcome.outcome },
    ...(code === undefined ? [] : [{ key: ERROR_CODE, value: code }]),
  ]);
}

/** The attribute by which people find a batch and its restarts; none where it is not registered. */
export function batchAttribute(registered: readonly string[], batch: string): Pair[] {
  const value = [...batch].slice(0, LONGEST_VALUE).join('');
  return registered.includes(BATCH.name) ? [{ key: BATCH, value }] : [];
}

/** Lets people find the batch. */
export function announceBatch(registered: readonly string[], batch: string): void {
  upsert(registered, batchAttribute(registered, batch));
}

/** Writes only attributes that the worker found registered, because any other would hang the workflow. */
function upsert(registered: readonly string[], pairs: readonly Pair[]): void {
  const known = pairs.filter(({ key }) => registered.includes(key.name));
  if (known.length > 0) upsertSearchAttributes(known);
}

function keyOf(name: SearchAttribute): ReturnType<typeof defineSearchAttributeKey<'KEYWORD'>> {
  return defineSearchAttributeKey(name, 'KEYWORD');
}

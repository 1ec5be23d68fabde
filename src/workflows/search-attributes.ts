import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { RestartOutcome } from '../domain/outcome.js';

const JOB_ID = defineSearchAttributeKey('ModelArtsJobId', 'KEYWORD');
const OUTCOME = defineSearchAttributeKey('ModelArtsOutcome', 'KEYWORD');
const ERROR_CODE = defineSearchAttributeKey('ModelArtsErrorCode', 'KEYWORD');

type Pair = { key: typeof JOB_ID; value: string };

/** Lets people find the restart by its job. */
export function announceJob(registered: readonly string[], jobId: string): void {
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

/** Writes only those that the worker found registered: any other would hang the workflow. */
function upsert(registered: readonly string[], pairs: readonly Pair[]): void {
  const known = pairs.filter(({ key }) => registered.includes(key.name));
  if (known.length > 0) upsertSearchAttributes(known);
}

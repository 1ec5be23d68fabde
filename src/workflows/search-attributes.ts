import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { RestartOutcome } from '../domain/outcome.js';
import type { SearchAttribute } from '../names.js';

// Literals, because the contract test reads them from the source. Their type allows only the names in `names.ts`.
const JOB_ID = keyOf('ModelArtsJobId');
const OUTCOME = keyOf('ModelArtsOutcome');
const ERROR_CODE = keyOf('ModelArtsErrorCode');

const BATCH = keyOf('ModelArtsBatch');

/** SQL stores of Temporal's keep at most 255 characters of a value. */
const LONGEST_VALUE = 200;

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

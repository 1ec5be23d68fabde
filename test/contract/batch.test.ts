import { BATCH_OPTIONS, MOST_JOBS } from '../../src/domain/batch-options.js';
import { JOB_OUTCOMES } from '../../src/domain/batch-outcome.js';
import { BatchRecord } from '../../src/domain/batch-record.js';
import { batchId, nexusBatchId } from '../../src/domain/ids.js';
import { BATCH_KEYS, parseBatchInput } from '../../src/domain/parse-batch.js';
import { BATCH_WORKFLOW, SEARCH_ATTRIBUTE } from '../../src/names.js';

/* What other people rely on where they restart many jobs; see contract.test.ts. */

test('the names', () => {
  expect(BATCH_WORKFLOW).toBe('restartVisualizationJobs');
  expect(SEARCH_ATTRIBUTE.batch).toBe('ModelArtsBatch');
  expect(batchId('p', 'nightly')).toBe('restarts:p:nightly');
  expect(nexusBatchId('r')).toBe('nexus-restarts:r');
});

test('the keys of the input', () => {
  expect([...BATCH_KEYS].toSorted()).toEqual([
    'ifRunning',
    'ifUnknown',
    'jobIds',
    'maxConcurrent',
    'name',
    'onCancel',
    'pollInterval',
    'projectId',
    'reason',
    'requestedBy',
    'select',
    'settleTime',
    'stopAfterFailures',
    'timeout',
    'until',
  ]);
});

test('the limits and the defaults of the input', () => {
  expect(MOST_JOBS).toBe(10_000);
  expect(BATCH_OPTIONS).toMatchObject({
    maxConcurrent: { default: 20, min: 1, max: 1_000 },
    stopAfterFailures: { min: 1 },
    name: { longest: 200 },
  });
  expect(parseBatchInput({ select: {} })).toStrictEqual({
    ok: true,
    value: { each: {}, maxConcurrent: 20, select: {} },
  });
});

test('the outcomes of a job', () => {
  expect([...JOB_OUTCOMES].toSorted()).toEqual([
    'canceled',
    'failed',
    'finished',
    'invalid',
    'no-effect',
    'refused',
    'running',
    'skipped',
    'stopped',
    'timed-out',
    'unknown',
  ]);
});

test('the letters of the outcomes, by which a run tells the next one', () => {
  const record = new BatchRecord(JOB_OUTCOMES.map((_, index) => String(index + 1)));
  for (const [index, outcome] of JOB_OUTCOMES.entries()) {
    expect(record.next()).toBe(index);
    record.ended(index, outcome);
  }
  const letters = [...record.pack().outcomes].map((letter, index) => [JOB_OUTCOMES[index], letter]);
  expect(Object.fromEntries(letters)).toEqual({
    running: 'r',
    finished: 'f',
    refused: 'x',
    failed: 'F',
    stopped: 's',
    'no-effect': 'n',
    'timed-out': 't',
    unknown: 'u',
    canceled: 'c',
    skipped: '-',
    invalid: 'i',
  });
});

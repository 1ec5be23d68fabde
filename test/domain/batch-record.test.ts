import { JOB_OUTCOMES, type BatchOutcome } from '../../src/domain/batch-outcome.js';
import { BatchRecord } from '../../src/domain/batch-record.js';
import { failureOfBatch } from '../../src/domain/failures.js';

/** What Temporal takes as one payload; above that it ends the workflow. */
const PAYLOAD_BYTES = 2 * 1024 * 1024;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The largest that can be: long ids, and a long code of its own for each job. */
function worst(): BatchRecord {
  const record = new BatchRecord(
    Array.from({ length: 10_000 }, (_, index) =>
      String(9_000_000_000_000_000_000n + BigInt(index)),
    ),
  );
  for (let index = record.next(); index !== undefined; index = record.next()) {
    const code = `ModelArts.${index}`.padEnd(64, 'x');
    record.ended(index, 'timed-out', '\u4e00'.repeat(500), code);
  }
  return record;
}

test('the outcomes of 10,000 jobs fit a payload of Temporal’s, with the failure around them', () => {
  const record = worst();
  const outcome: BatchOutcome = {
    ...record.counts,
    outcomes: record.outcomes(),
    name: '\u{1f600}'.repeat(200),
    projectId: 'p'.repeat(32),
    startedAt: new Date().toISOString(),
    endedAt: new Date().toISOString(),
  };
  expect(outcome.outcomes).toHaveLength(10_000);
  expect(bytes(outcome)).toBeGreaterThan(1_000_000);
  expect(bytes(outcome) + bytes(failureOfBatch(record.counts))).toBeLessThan(PAYLOAD_BYTES * 0.9);
});

test('what a batch carries into its next run fits too', () => {
  expect(bytes(worst().pack())).toBeLessThan(PAYLOAD_BYTES * 0.9);
  const usual = new BatchRecord(Array.from({ length: 10_000 }, (_, index) => String(index + 1)));
  for (let index = 0; index < 10_000; index += 1) usual.next();
  for (let index = 0; index < 10_000; index += 1) usual.ended(index, 'running');
  expect(bytes(usual.pack())).toBeLessThan(100_000);
});

test('a record that was packed and unpacked is the same', () => {
  const record = new BatchRecord(
    JOB_OUTCOMES.map((_, index) => String(index + 1)).concat('98', '99'),
  );
  for (const outcome of JOB_OUTCOMES.filter((name) => name !== 'skipped')) {
    const index = record.next()!;
    record.ended(
      index,
      outcome,
      `job ${index}`,
      outcome === 'refused' ? 'ModelArts.0105' : undefined,
    );
  }
  const open = record.next()!;
  const again = BatchRecord.unpack(
    JSON.parse(JSON.stringify(record.pack())) as ReturnType<BatchRecord['pack']>,
  );
  expect(again.outcomes()).toEqual(record.outcomes());
  expect(again.counts).toEqual(record.counts);
  expect(again.failures).toEqual(record.failures);
  expect([...again.underWay]).toEqual([open]);
  expect(again.waiting).toBe(2);
  expect(again.next()).toBe(open + 1);
  again.skipRest();
  expect([again.waiting, again.next()]).toEqual([0, undefined]);
  const packedAgain = BatchRecord.unpack(again.pack());
  expect(packedAgain.counts.skipped).toBe(1);
  expect(packedAgain.waiting).toBe(0);
});

test('a code that is the name of something every object has is packed like any other', () => {
  const record = new BatchRecord(['1', '2']);
  for (const jobId of record.jobIds) {
    record.ended(record.next()!, 'refused', `no ${jobId}`, 'constructor');
  }
  const again = BatchRecord.unpack(
    JSON.parse(JSON.stringify(record.pack())) as ReturnType<BatchRecord['pack']>,
  );
  expect(again.outcomes()).toEqual([
    { jobId: '1', outcome: 'refused', errorCode: 'constructor' },
    { jobId: '2', outcome: 'refused', errorCode: 'constructor' },
  ]);
});

test('skipped jobs are no failures of their own, but did not get there', () => {
  const record = new BatchRecord(['1', '2', '3']);
  record.ended(record.next()!, 'running');
  record.ended(record.next()!, 'refused', 'no', 'ModelArts.0105');
  expect(record.missed).toBe(1);
  record.skipRest();
  expect(record.missed).toBe(1);
  expect(record.counts).toMatchObject({ total: 3, running: 1, refused: 1, skipped: 1 });
  expect(failureOfBatch(record.counts)?.message).toMatch(
    /^SomeRestartsFailed: 2 of 3 jobs did not get there: 1 refused, 1 skipped\. /,
  );
});

test('the last fifty failures are kept, each cut to a line', () => {
  const record = new BatchRecord(Array.from({ length: 60 }, (_, index) => String(index + 1)));
  for (let index = record.next(); index !== undefined; index = record.next()) {
    record.ended(index, 'failed', 'm'.repeat(300));
  }
  expect(record.failures).toHaveLength(50);
  expect(record.failures.at(-1)).toEqual({
    jobId: '60',
    outcome: 'failed',
    message: `${'m'.repeat(199)}…`,
  });
});

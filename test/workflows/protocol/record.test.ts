import { statusOf } from '../../../src/domain/status.js';
import type { RestartOptions } from '../../../src/domain/options.js';
import { RestartRecord } from '../../../src/workflows/protocol/record.js';

const REQUEST: RestartOptions = {
  jobId: '10',
  until: 'running',
  ifRunning: 'fail',
  onCancel: 'leave',
  timeoutMs: 1_800_000,
  pollIntervalMs: 5_000,
  settleTimeMs: 60_000,
  ifUnknown: 'fail',
};

const recordOf = (changes: number): RestartRecord => {
  const record = new RestartRecord('p'.repeat(32), REQUEST, 0);
  for (let change = 0; change < changes; change += 1) {
    record.moveTo({ status: statusOf(change % 2 === 0 ? 7 : 0), lookedAt: change * 1_000 });
  }
  return record;
};

const seconds = (record: RestartRecord): number[] =>
  record.progress().transitions.map(({ at }) => Date.parse(at) / 1_000);

it('keeps every transition of a hundred', () => {
  expect(seconds(recordOf(100))).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

it('keeps the first and the last of more than a hundred, in order', () => {
  const kept = seconds(recordOf(250));
  expect(kept).toHaveLength(100);
  expect(kept.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(kept.slice(50)).toEqual(Array.from({ length: 50 }, (_, index) => 200 + index));
});

it('gives a service address only while the job is up', () => {
  const record = recordOf(1);
  record.moveTo({ status: statusOf(8), lookedAt: 9_000, serviceUrl: 'https://board.example.com/' });
  expect(record.progress().serviceUrl).toBe('https://board.example.com/');
  record.moveTo({ status: statusOf(12), lookedAt: 10_000 });
  expect(record.progress()).not.toHaveProperty('serviceUrl');
});

it('keeps the time at which the request was taken, whatever tells of it again', () => {
  const record = recordOf(0);
  record.accept(5_000);
  record.accept(9_000);
  expect(record.progress().acceptedAt).toBe('1970-01-01T00:00:05.000Z');
});

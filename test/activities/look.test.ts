import { MockActivityEnvironment } from '@temporalio/testing';
import type { LookInput } from '../../src/activities/activities.js';
import { lookAtJob } from '../../src/activities/index.js';
import type { ReadAnswer, Reading } from '../../src/domain/answer.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { Budget } from '../../src/modelarts/budget.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import { clientOf, closeAll, JOB, scripted } from '../modelarts/scripted-client.js';
import { reply } from '../modelarts/scripted-server.js';

afterEach(closeAll);

/** One attempt: its result, or in how many milliseconds it asks for the next one. */
async function attempt(
  answer: ReadAnswer<Reading> | ModelArtsClient,
  input: Omit<LookInput, 'job'>,
  number = 1,
): Promise<unknown> {
  const looks =
    'detail' in answer
      ? answer
      : {
          detail: () => Promise.resolve(answer),
          list: () => Promise.resolve(answer as ReadAnswer<never>),
          pauseOf: () => undefined,
          budget: new Budget(),
        };
  const environment = new MockActivityEnvironment({ attempt: number });
  try {
    return await environment.run(lookAtJob, new StatusFeed(looks), 1_500, { job: JOB, ...input });
  } catch (error) {
    const { type, nextRetryDelay } = error as { type?: string; nextRetryDelay?: number };
    if (type !== 'LookFailed') throw error;
    return { nextInMs: nextRetryDelay };
  }
}

const about = (low: number, high: number): unknown => ({
  asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= low && value <= high,
});

const DOWN = { kind: 'again', error: { message: 'no answer' } } as const;
const BUSY = { ...DOWN, retryAfterMs: 60_000 };
const GONE = { kind: 'refused', error: { message: 'gone', httpStatus: 404 } } as const;
const NO_READING = { kind: 'no-reading', error: DOWN.error };

/** In so many milliseconds. */
const at = (inMs: number): number => Date.now() + inMs;

test('a look that fails before its answer is due is made again, at that instant at the latest', async () => {
  const due = { deadlineMs: at(3_600_000), answerByMs: at(2_000) };
  expect(await attempt(DOWN, due)).toEqual({ nextInMs: about(700, 1_000) });
  expect(await attempt(BUSY, due)).toEqual({ nextInMs: about(1_001, 2_000) });
  expect(await attempt(DOWN, due, 5)).toEqual({ nextInMs: about(1_001, 2_000) });
});

test('a look that fails once its answer is due ends without a reading', async () => {
  const due = { deadlineMs: at(3_600_000), answerByMs: at(0) };
  expect(await attempt(DOWN, due)).toEqual(NO_READING);
  expect(await attempt(BUSY, due)).toEqual(NO_READING);
});

test('a deadline before the instant when the answer is due comes first', async () => {
  const due = { deadlineMs: at(2_000), answerByMs: at(3_600_000) };
  expect(await attempt(BUSY, due)).toEqual({ nextInMs: about(1_001, 2_000) });
  expect(await attempt(DOWN, { ...due, deadlineMs: at(0) })).toEqual(NO_READING);
});

test('without such an instant a look is made again until the deadline', async () => {
  expect(await attempt(BUSY, { deadlineMs: at(3_600_000) })).toEqual({
    nextInMs: about(60_000, 60_000),
  });
});

test('a reading or a refusal ends it, whenever it is due', async () => {
  const value = { status: { code: 8, name: 'RUNNING' }, lookedAt: 1 };
  for (const answerByMs of [at(0), at(60_000)]) {
    const due = { deadlineMs: at(3_600_000), answerByMs };
    const read = await attempt({ kind: 'read', value }, due);
    expect(read).toEqual({ kind: 'read', reading: value });
    expect(await attempt(GONE, due)).toEqual(GONE);
  }
});

test('a 404 that is waited through is no failed look: it is waited through beyond the instant', async () => {
  const due = { deadlineMs: at(3_600_000), answerByMs: at(0), goneUntilMs: at(30_000) };
  expect(await attempt(GONE, due)).toEqual({ nextInMs: about(700, 1_000) });
});

test('a look that is held back counts as a failed one, and nothing is sent', async () => {
  const { server } = await scripted(reply(429, '', { 'retry-after': '60' }));
  const client = clientOf(server.endpoint);
  await client.restart(JOB);
  const early = { deadlineMs: at(3_600_000), answerByMs: at(3_600_000) };
  expect(await attempt(client, early)).toEqual({ nextInMs: about(59_000, 60_000) });
  expect(await attempt(client, { ...early, answerByMs: at(0) })).toEqual({
    kind: 'no-reading',
    error: { message: expect.stringContaining('holds back until') as unknown, httpStatus: 429 },
  });
  expect(server.seen).toHaveLength(1);
});

test('a page that showed the job up long ago is not enough for a batch, whenever the batch says it began', async () => {
  const old = { status: { code: 8, name: 'RUNNING' }, lookedAt: Date.now() - 3_600_000 };
  const fresh = { status: { code: 12, name: 'KILLED' }, lookedAt: Date.now() };
  for (const upSinceMs of [0, 1, Number.NaN, -1]) {
    const asked: unknown[] = [];
    const feed = new StatusFeed({
      detail: () => Promise.resolve({ kind: 'read', value: fresh }),
      list: () => Promise.resolve({ kind: 'again', error: { message: 'no list' } }),
      pauseOf: () => undefined,
      budget: new Budget(),
    });
    // What a page of an hour ago has left.
    feed.seenUp = (_, sinceMs) => {
      asked.push(sinceMs);
      return old.lookedAt >= sinceMs ? old : undefined;
    };
    const input = { job: JOB, deadlineMs: at(60_000), upSinceMs };
    const look = await new MockActivityEnvironment().run(lookAtJob, feed, 1_500, input);
    feed.close();
    expect([upSinceMs, look]).toMatchObject([upSinceMs, { reading: { status: { code: 12 } } }]);
  }
});

// A page that was read before the batch began may bear a later time, by a clock that is ahead.
test('a page counts for a batch from 5 seconds after its start on', async () => {
  const up = { status: { code: 8, name: 'RUNNING' }, lookedAt: 1 };
  const looks = { kind: 'again', error: { message: 'no answer' } } as const;
  const feed = new StatusFeed({
    detail: () => Promise.resolve(looks),
    list: () => Promise.resolve(looks),
    pauseOf: () => undefined,
    budget: new Budget(),
  });
  const asked: number[] = [];
  feed.seenUp = (_, sinceMs) => {
    asked.push(sinceMs);
    return up;
  };
  const upSinceMs = Date.now();
  const input = { job: JOB, deadlineMs: at(60_000), upSinceMs };
  const look = await new MockActivityEnvironment().run(lookAtJob, feed, 1_500, input);
  feed.close();
  expect(look).toEqual({ kind: 'read', reading: up });
  expect(asked).toEqual([upSinceMs + 5_000]);
});

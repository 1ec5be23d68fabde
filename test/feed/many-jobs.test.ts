import { feedOf, JOB, pass, ScriptedLooks, shows, stopTheClock, watch } from './scripted-looks.js';

beforeEach(stopTheClock);
afterEach(() => jest.useRealTimers());

const JOBS = Array.from({ length: 1_000 }, (_, index) => String(index + 1));

function watchAll(pollIntervalMs: number, tookMs: number): ScriptedLooks {
  const looks = new ScriptedLooks(() => shows(8), tookMs);
  const feed = feedOf(looks);
  for (const jobId of JOBS) watch(feed, { job: { ...JOB, jobId }, pollIntervalMs });
  return looks;
}

/** The times between the looks at each job, all in one list. */
function gapsOf(looks: ScriptedLooks): number[] {
  const last = new Map<string, number>();
  return looks.made.flatMap(({ jobId, at }) => {
    const before = last.get(jobId);
    last.set(jobId, at);
    return before === undefined ? [] : [at - before];
  });
}

test('of a thousand jobs eight are looked at at once, and each once per interval', async () => {
  // 8 at once of 20 ms each: 2.5 s for all of them.
  const looks = watchAll(5_000, 20);
  await pass(14_999);
  expect(looks.mostAtOnce).toBe(8);
  for (const jobId of JOBS) expect(looks.timesOf(jobId)).toHaveLength(3);
  const gaps = gapsOf(looks);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4_975);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5_020);
});

test('where the time does not suffice for all, all wait longer and none is forgotten', async () => {
  // 8 at once of 40 ms each: 5 s for all of them, at an interval of one.
  const looks = watchAll(1_000, 40);
  await pass(15_000);
  expect(looks.mostAtOnce).toBe(8);
  for (const jobId of JOBS) expect(looks.timesOf(jobId).length).toBeGreaterThanOrEqual(3);
  expect(Math.max(...gapsOf(looks))).toBeLessThanOrEqual(5_040);
});

import { keepCredentials } from '../../src/keep-credentials.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('an idle worker asks for its credentials at once and each minute, whatever comes of it, until it stops', async () => {
  const asked: number[] = [];
  const startedAt = Date.now();
  const prepare = (signal: AbortSignal): Promise<never> => {
    expect(signal.aborted).toBe(false);
    asked.push(Date.now() - startedAt);
    return Promise.reject(new Error('IAM is away'));
  };
  const stopping = new AbortController();
  keepCredentials({ prepare }, stopping.signal);
  await jest.advanceTimersByTimeAsync(150_000);
  expect(asked).toEqual([0, 60_000, 120_000]);
  stopping.abort();
  await jest.advanceTimersByTimeAsync(150_000);
  expect(asked).toHaveLength(3);
});

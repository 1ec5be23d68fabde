import type { Worker } from '@temporalio/worker';
import { keepError, runToEnd } from '../../src/run-to-end.js';
import type { TemporalAccess } from '../../src/temporal.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const ACCESS = { namespace: 'mine', address: 'temporal.example.com:7233' } as TemporalAccess;

/** How a worker ends that has run out of memory. */
async function endOfFailed(): Promise<Error> {
  const worker: Pick<Worker, 'getState' | 'run'> = {
    getState: () => 'RUNNING',
    run: () => Promise.reject(new Error('it has no memory left')),
  };
  return runToEnd(worker as Worker, ACCESS).then(
    () => new Error('it has not failed'),
    (error: unknown) => error as Error,
  );
}

test('a refusal of a minute ago is why a worker has failed; one of an hour ago is not', async () => {
  keepError(Object.assign(new Error('Request unauthorized.'), { code: 7 }));
  await jest.advanceTimersByTimeAsync(60_000);
  expect((await endOfFailed()).name).toBe('AccessRefused');
  await jest.advanceTimersByTimeAsync(60 * 60_000);
  const { name, message } = await endOfFailed();
  expect([name, message]).toEqual([
    'WorkerFailed',
    'The worker has failed: it has no memory left.',
  ]);
});

import { getEventListeners } from 'node:events';
import { orAborted } from '../../src/domain/or-aborted.js';

const never = new Promise<never>(() => undefined);

test('the result of the promise comes through, and no listener stays', async () => {
  const { signal } = new AbortController();
  await expect(orAborted(Promise.resolve(7), signal)).resolves.toBe(7);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('the failure of the promise comes through, and no listener stays', async () => {
  const { signal } = new AbortController();
  await expect(orAborted(Promise.reject(new Error('lost')), signal)).rejects.toThrow('lost');
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test.each(['before', 'afterwards'])(
  'a signal that aborts %s rejects with its reason',
  async (when) => {
    const controller = new AbortController();
    const reason = new Error('given up');
    if (when === 'before') controller.abort(reason);
    const waiting = orAborted(never, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  },
);

test('a promise that fails after the signal aborted is no unhandled rejection', async () => {
  let fail = (_error: Error): void => undefined;
  const failing = new Promise<never>((_, reject) => (fail = reject));
  const waiting = orAborted(failing, AbortSignal.abort(new Error('given up')));
  await expect(waiting).rejects.toThrow('given up');
  fail(new Error('too late'));
  // Node would end the process for it a moment later.
  await new Promise((resolve) => setImmediate(resolve));
});

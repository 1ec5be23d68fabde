/**
 * Stops the clocks that are read. Timers, and so the network, go on. `jest.advanceTimersByTime` moves the clocks.
 *
 * @param now what the wall clock shows, in milliseconds since the epoch; default what it shows now
 */
export function stopClocks(now = Date.now()): void {
  jest.useFakeTimers({
    now,
    doNotFake: [
      'hrtime',
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
}

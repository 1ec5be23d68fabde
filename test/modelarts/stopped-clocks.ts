/** Stops the clocks that are read. Timers, and so the network, go on. `jest.advanceTimersByTime` moves the clocks. */
export function stopClocks(): void {
  jest.useFakeTimers({
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

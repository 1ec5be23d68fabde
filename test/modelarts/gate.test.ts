import { createGate } from '../../src/modelarts/lane.js';

const forever = new AbortController().signal;

test('lets in as many as it has places, the others in their order', async () => {
  const gate = createGate(2);
  const order: string[] = [];
  const leaves = await Promise.all([gate.enter(forever), gate.enter(forever)]);
  const third = gate.enter(forever).then((leave) => (order.push('third'), leave));
  const fourth = gate.enter(forever).then((leave) => (order.push('fourth'), leave));
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  leaves[0]?.();
  await third;
  expect(order).toEqual(['third']);
  leaves[1]?.();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
});

test('one who gives up waiting takes no place', async () => {
  const gate = createGate(1);
  const leave = await gate.enter(forever);
  const abort = new AbortController();
  const impatient = gate.enter(abort.signal);
  abort.abort('enough');
  await expect(impatient).rejects.toBe('enough');
  leave();
  await gate.enter(forever);
});

test('leaving twice frees one place only', async () => {
  const gate = createGate(1);
  const leave = await gate.enter(forever);
  leave();
  leave();
  await gate.enter(forever);
  const abort = new AbortController();
  const next = gate.enter(abort.signal);
  abort.abort('still full');
  await expect(next).rejects.toBe('still full');
});

import { batchId, jobInId } from '../../src/domain/ids.js';

test('the id of a batch has its project and its name', () => {
  expect(batchId('p', 'nightly 2')).toBe('restarts:p:nightly 2');
  expect(batchId(undefined, '夜間')).toBe('restarts::夜間');
});

test('a name that would break links, or the parts of the id, is made plain, and stays one of its own', () => {
  const ids = ['a/b', 'a:b', 'a-b', 'a?b'].map((name) => batchId('p', name));
  expect(ids[0]).toMatch(/^restarts:p:a-b~[0-9a-f]{8}$/);
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id.slice('restarts:p:'.length)).not.toMatch(/[/:?]/);
});

test('the longest name fits Temporal’s limit of 1000 bytes', () => {
  const id = batchId('p'.repeat(32), '\u{20000}'.repeat(200));
  expect(Buffer.byteLength(id)).toBeLessThan(1_000);
});

test('the id of a batch is not that of a restart', () => {
  expect(jobInId(batchId('0123456789abcdef0123456789abcdef', '10'))).toBeUndefined();
});

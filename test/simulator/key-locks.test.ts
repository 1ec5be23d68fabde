import { KeyLocks } from '../../simulator/key-locks.js';

const MINUTE = 60_000;

test('a key is locked for 5 minutes after six failures in a row, and no other key', () => {
  const locks = new KeyLocks();
  for (let i = 1; i <= 5; i += 1) locks.count('AK', false, 0);
  expect(locks.isLocked('AK', 0)).toBe(false);
  locks.count('AK', false, 0);
  expect(locks.isLocked('AK', 5 * MINUTE - 1)).toBe(true);
  expect(locks.isLocked('OTHER', 0)).toBe(false);
  expect(locks.isLocked('AK', 5 * MINUTE)).toBe(false);
});

test('a good signature starts the count anew', () => {
  const locks = new KeyLocks();
  for (let i = 1; i <= 5; i += 1) locks.count('AK', false, 0);
  locks.count('AK', true, 0);
  locks.count('AK', false, 0);
  expect(locks.isLocked('AK', 0)).toBe(false);
});

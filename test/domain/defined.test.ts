import { defined } from '../../src/domain/defined.js';

test('a key without a value is absent, whatever else a value may be', () => {
  const given = { a: undefined, b: null, c: false, d: 0, e: '', f: NaN };
  expect(Object.keys(defined(given))).toEqual(['b', 'c', 'd', 'e', 'f']);
});

test('keys keep their order', () => {
  expect(JSON.stringify(defined({ b: 1, a: undefined, c: 2 }))).toBe('{"b":1,"c":2}');
});

test('a spread of it fits a type whose keys are optional, but must have a value where they are there', () => {
  const code = ['ModelArts.0105'].find((known) => known.endsWith('9'));
  const error: { message: string; code?: string } = { message: 'no', ...defined({ code }) };
  expect('code' in error).toBe(false);
});

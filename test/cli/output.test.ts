import { print, printJson, table, tell } from '../../src/cli/output.js';

/** Clears the screen, turns the writing round, goes up by a sequence of one character, rings, and conceals. */
const MISLEADING = 'up\u001B[2J\u202E\u009B1A\u0007\u001B[8m';

let written = '';
const keep = (text: string | Uint8Array): boolean => {
  written += String(text);
  return true;
};
beforeEach(() => {
  written = '';
  jest.spyOn(process.stdout, 'write').mockImplementation(keep);
  jest.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => jest.restoreAllMocks());

it.each([
  ['standard output', print],
  ['standard error', tell],
])(
  'a text from elsewhere can’t steer the terminal by %s; colours and line breaks stay',
  (_to, write) => {
    write(`\u001B[31m${MISLEADING}\u001B[39m\nnext`);
    expect(written).toBe('\u001B[31mup\uFFFD[2J\uFFFD\uFFFD1A\uFFFD\uFFFD[8m\u001B[39m\nnext\n');
  },
);

it('JSON says the same, escaped', () => {
  printJson({ reason: MISLEADING });
  expect(written).toMatch(/^[ -~\n]*$/);
  expect(JSON.parse(written)).toEqual({ reason: MISLEADING });
});

it('a line break in a cell does not break the row', () => {
  expect(table(['A', 'B'], [['one\ntwo', 'three']])).toEqual(['A        B', 'one two  three']);
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { adviceFor, type ServiceError } from '../../src/domain/answer.js';
import { FAILURES } from '../../src/domain/failures.js';

/** The rows of the document's tables, by the type in their first cell. */
const rows = readFileSync(path.resolve(__dirname, '../../docs/failures.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, type, rest] = /^\| `([^`]+)` +\|(.*)\|$/.exec(line) ?? [];
    return type === undefined ? [] : [{ type, cells: rest!.split('|').map((cell) => cell.trim()) }];
  });

const NO_ADVICE = adviceFor({ message: '' });

const isAdvised = (error: Omit<ServiceError, 'message'>): boolean =>
  adviceFor({ ...error, message: '' }) !== NO_ADVICE;

/** Every code of both families that has an advice of its own: all numbers are tried. */
const advisedCodes = ['ModelArts', 'APIGW'].flatMap((family) =>
  Array.from(
    { length: 10_000 },
    (_, number) => `${family}.${String(number).padStart(4, '0')}`,
  ).filter((code) => isAdvised({ code })),
);

/** Every HTTP status that has an advice of its own; redirects are one row. */
const advisedStatuses = Array.from({ length: 400 }, (_, index) => 200 + index)
  .filter((httpStatus) => isAdvised({ httpStatus }))
  .map((httpStatus) => `HTTP${httpStatus >= 300 && httpStatus < 400 ? '3xx' : httpStatus}`);

/** A sentence as the code and the document both may write it. */
const plain = (text: string): string =>
  text
    .replaceAll('’', "'")
    .replaceAll('`', '')
    .replace(/(ifRunning|ifUnknown):? /g, '$1 ');

test('the document lists every failure type and every advised refusal, and nothing else', () => {
  const expected = [...Object.keys(FAILURES), ...advisedCodes, ...new Set(advisedStatuses)];
  expect(expected.length).toBeGreaterThan(25);
  expect(rows.map(({ type }) => type).toSorted()).toEqual(expected.toSorted());
});

test.each(rows)('$type has no empty cell, and its sentences are whole', ({ cells }) => {
  expect(cells.length).toBeGreaterThanOrEqual(2);
  for (const cell of cells) expect(cell).not.toBe('');
  for (const cell of cells.slice(-2)) expect(cell).toMatch(/\.$/);
});

test.each(Object.entries(FAILURES))('%s is advised as its message advises', (type, { advice }) => {
  const row = rows.find((candidate) => candidate.type === type);
  const words = plain(advice);
  const cell = plain(row?.cells.at(-1) ?? '');
  expect(cell.startsWith(words)).toBe(true);
});

// What a ModelArts.0105 is advised depends on the job's status.
const oneAdvice = rows
  .map(({ type }) => type)
  .filter((type) => /^(?!.*0105|HTTP3)(\w+\.|HTTP)\d/.test(type));

test.each(oneAdvice)('%s is explained as its message explains it', (type) => {
  const status = /^HTTP(\d+)$/.exec(type)?.[1];
  const error = status === undefined ? { code: type } : { httpStatus: Number(status) };
  const [, advice] = plain(adviceFor({ ...error, message: '' })).split(/: (.*)/s);
  const cell = plain(rows.find((row) => row.type === type)?.cells.at(-1) ?? '');
  expect(cell.toLowerCase().replace('. ', '; ')).toBe(advice?.toLowerCase());
});

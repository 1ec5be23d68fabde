import { BATCH_OPTIONS, MOST_JOBS } from '../../src/domain/batch-options.js';
import { JOB_OUTCOMES } from '../../src/domain/batch-outcome.js';
import { parseBatchInput } from '../../src/domain/parse-batch.js';
import { codeIn, rowsIn, sectionOf, textOf } from './pages.js';

const SECTION = sectionOf(textOf('docs/reference.md'), 'Many jobs in one call');
const rows = rowsIn(SECTION);
const cellsOf = (key: string): string[] => rows.find(([cell]) => cell === `\`${key}\``) ?? [];

test('the page lists every key that a batch has beside those of a restart', () => {
  const keys = rows.map(([cell = '']) => codeIn(cell)[0]);
  expect(keys).toEqual([
    'jobIds',
    'select',
    ...Object.keys(BATCH_OPTIONS),
    'status',
    'search',
    'workspaceId',
  ]);
});

test('the ranges and the default are those of the code', () => {
  expect(cellsOf('jobIds')[1]).toContain(`1–${MOST_JOBS}`);
  const { maxConcurrent, name } = BATCH_OPTIONS;
  expect(cellsOf('maxConcurrent')[1]).toContain(`${maxConcurrent.min}–${maxConcurrent.max}`);
  expect(cellsOf('maxConcurrent')[2]).toBe(`\`${maxConcurrent.default}\``);
  expect(cellsOf('name')[1]).toContain(`at most ${name.longest} characters`);
});

test('the inputs that the page shows are taken', () => {
  const inputs = codeIn(SECTION).filter((code) => /^\{"(jobIds|select)/.test(code));
  expect(inputs).toHaveLength(2);
  for (const input of inputs)
    expect(parseBatchInput(JSON.parse(input))).toMatchObject({ ok: true });
});

test('the outcome that the page shows has every count', () => {
  const page = textOf('docs/reference.md');
  const [, json = ''] =
    /```json\n([\s\S]*?)```/.exec(sectionOf(page, 'The outcome of a batch')) ??
    /### The outcome of a batch\s+```json\n([\s\S]*?)```/.exec(page) ??
    [];
  const {
    outcomes: _,
    name: __,
    reason: ___,
    requestedBy: ____,
    projectId: _____,
    startedAt: ______,
    endedAt: _______,
    ...counts
  } = JSON.parse(json) as Record<string, unknown>;
  expect(Object.keys(counts)).toEqual(['total', ...JOB_OUTCOMES]);
});

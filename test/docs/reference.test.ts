import { readSettings } from '../../src/config.js';
import { parseDuration } from '../../src/domain/duration.js';
import { failureOf } from '../../src/domain/failures.js';
import { OUTCOMES, type OutcomeName } from '../../src/domain/outcome.js';
import { parseRestartInput, RESTART_KEYS } from '../../src/domain/parse-options.js';
import * as messages from '../../src/workflows/messages.js';
import { namesIn } from '../contract/names-in.js';
import { codeIn, rowsIn, sectionOf, textOf } from './pages.js';

const REFERENCE = textOf('docs/reference.md');

/** A documented value, such as `"30m"` or `20s`, without its quotes and backticks. */
const bare = (cell: string): string => cell.replaceAll(/[`"]/g, '');

describe('the settings', () => {
  const rows = rowsIn(sectionOf(REFERENCE, "The worker's environment"));
  const documented = rows.flatMap(([names = '']) => codeIn(names));
  const cellsOf = (name: string): string[] =>
    rows.find(([names = '']) => codeIn(names).includes(name)) ?? [];
  const read = namesIn(
    'src',
    /\b(?:HEALTH|HW|HUAWEICLOUD|LOG|METRICS|MODELARTS|TEMPORAL|WORKFLOW)_[A-Z_]*[A-Z]\b/g,
  );

  const problemsOf = (variables: Record<string, string>): string => {
    try {
      readSettings({ HW_REGION_NAME: 'cn-north-4', HW_AUTH_TOKEN: 'token', ...variables });
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };

  it('the page lists every variable that the code reads', () => {
    const families = documented.filter((name) => name.endsWith('…'));
    const isDocumented = (name: string): boolean =>
      documented.includes(name) || families.some((family) => name.startsWith(family.slice(0, -1)));
    expect(read.length).toBeGreaterThan(15);
    expect(read.filter((name) => !isDocumented(name))).toEqual([]);
  });

  it('the page lists no other variable, but two that the Temporal SDK reads by itself', () => {
    const others = documented.filter((name) => !name.endsWith('…') && !read.includes(name));
    expect(others.toSorted()).toEqual(['TEMPORAL_CONFIG_FILE', 'TEMPORAL_PROFILE']);
  });

  it('the defaults are those of the code', () => {
    const settings = readSettings({ HW_REGION_NAME: 'cn-north-4', HW_AUTH_TOKEN: 'token' });
    const defaultOf = (name: string): string => bare(cellsOf(name)[1] ?? '');
    expect(defaultOf('TEMPORAL_TASK_QUEUE')).toBe(settings.taskQueue);
    expect(parseDuration(defaultOf('TEMPORAL_CONNECT_TIMEOUT'))).toBe(settings.connectTimeoutMs);
    expect(parseDuration(defaultOf('MODELARTS_REQUEST_TIMEOUT'))).toBe(settings.requestTimeoutMs);
    expect(Number(defaultOf('WORKFLOW_CACHE_SIZE'))).toBe(settings.workflowCacheSize);
    const [endpoint] = codeIn(cellsOf('HW_REGION_NAME')[2]!).filter((code) => code.includes('//'));
    expect(endpoint?.replace('<region>', 'cn-north-4')).toBe(settings.endpoint);
  });

  it.each(['TEMPORAL_CONNECT_TIMEOUT', 'MODELARTS_REQUEST_TIMEOUT', 'WORKFLOW_CACHE_SIZE'])(
    'the range of %s is that of the code',
    (name) => {
      const range = /\d\w*–[\d,]+\w*/.exec(cellsOf(name)[2] ?? '')?.[0].replaceAll(',', '');
      expect(range).toBeDefined();
      expect(problemsOf({ [name]: '0' })).toMatch(new RegExp(`${name}.* ${range}[,;]`));
    },
  );
});

describe('the input', () => {
  const rows = rowsIn(sectionOf(REFERENCE, 'The input of a restart'));
  const keyOf = ([cell = '']: string[]): string => bare(cell);
  const parse = (input: object) => parseRestartInput({ jobId: '10', ...input });
  const problemsOf = (input: object): string => {
    const parsed = parse(input);
    return parsed.ok ? '' : parsed.problems.join('\n');
  };

  it('the page lists every key of the input, and nothing else', () => {
    expect(rows.map(keyOf).toSorted()).toEqual(RESTART_KEYS.toSorted());
  });

  const durations = rows.filter(([, type]) => type?.startsWith('duration'));
  const choices = rows.filter(([, type]) => type?.startsWith('`"'));

  it('four keys are choices and three are durations', () => {
    expect([choices.length, durations.length]).toEqual([4, 3]);
  });

  it.each(choices.map((row) => [keyOf(row), row] as const))(
    'the choices of %s and its default are those of the code',
    (key, [, type = '', byDefault = '']) => {
      const parsed = parse({});
      expect(parsed.ok && parsed.value).toHaveProperty(key, bare(byDefault));
      const values = codeIn(type);
      for (const value of values) expect(problemsOf({ [key]: JSON.parse(value) })).toBe('');
      expect(problemsOf({ [key]: 'other' })).toContain(`must be ${values.join(' or ')};`);
    },
  );

  it.each(durations.map((row) => [keyOf(row), row] as const))(
    'the range of %s and its default are those of the code',
    (key, [, type = '', byDefault = '']) => {
      const parsed = parse({});
      expect(parsed.ok && parsed.value).toHaveProperty(`${key}Ms`, parseDuration(bare(byDefault)));
      const range = type.replace('duration, ', '');
      expect(problemsOf({ [key]: 'other' })).toContain(`a duration of ${range},`);
    },
  );

  it.each(['reason', 'requestedBy'])('the longest %s is that of the code', (key) => {
    const [, type = ''] = rows.find((row) => keyOf(row) === key) ?? [];
    const limit = Number(/\d+/.exec(type)?.[0]);
    expect(problemsOf({ [key]: 'r'.repeat(limit) })).toBe('');
    expect(problemsOf({ [key]: 'r'.repeat(limit + 1) })).toContain(`at most ${limit} characters`);
  });
});

it('the page lists every query, update and signal, but the one that workers send', () => {
  const listed = rowsIn(sectionOf(REFERENCE, 'Queries, updates and signals')).map(([cell = '']) =>
    cell.replace(/^(\w+) `(\w+)`.*$/, '$1 $2'),
  );
  const known = Object.values(messages).map(({ type, name }) => `${type} ${name}`);
  expect([...listed, 'signal restartJoined'].toSorted()).toEqual(known.toSorted());
});

it('the README lists every outcome with its failure type', () => {
  const rows = rowsIn(sectionOf(textOf('README.md'), 'What can come out'));
  const typeOf = (outcome: OutcomeName): string => {
    const moment = '2026-11-24T07:23:45.513Z';
    const job = { projectId: 'p', jobId: '10', until: 'running', attached: false } as const;
    const times = { startedAt: moment, endedAt: moment };
    const error = { code: 'ModelArts.0105', message: 'no' };
    return failureOf({ outcome, ...job, ...times, transitions: [], error })?.type ?? '–';
  };
  const documented = rows.map(([outcome = '', type = '']) => [
    bare(outcome),
    codeIn(type)[0] ?? type,
  ]);
  const expected = OUTCOMES.map((outcome) => [outcome, typeOf(outcome)]);
  expect(documented).toEqual([...expected, ['none', 'InvalidInput']]);
});

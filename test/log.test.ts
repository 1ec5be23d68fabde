import { Writable } from 'node:stream';
import { createLogger, nativeLogging, temporalLogger } from '../src/log.js';

const lines: string[] = [];
beforeEach(() => void (lines.length = 0));

const into = new Writable({
  write: (chunk: Buffer, _encoding, done) => {
    lines.push(chunk.toString());
    done();
  },
});

it.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
] as const)('at %s, Temporal’s own lines are logged from that level on', (level, expected) => {
  const log = temporalLogger(createLogger(level, into));
  for (const at of ['debug', 'info', 'warn', 'error'] as const) log[at]('A line');
  expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(expected);
});

it('keeps the error of a line that is below the level', () => {
  const errors: unknown[] = [];
  const log = temporalLogger(createLogger('error', into), (error) => errors.push(error));
  const error = new Error('why');
  log.warn('A line', { error });
  expect({ errors, lines }).toEqual({ errors: [error], lines: [] });
});

it.each([
  ['debug', 'DEBUG'],
  ['info', 'WARN'],
  ['error', 'WARN'],
] as const)(
  'at %s, the native part tells its lines from %s on, and libraries errors alone',
  (level, core) => {
    const { filter } = nativeLogging(createLogger(level, into));
    expect(filter).toMatch(/^ERROR,/);
    expect(filter).toContain(`temporalio_sdk_core=${core}`);
  },
);

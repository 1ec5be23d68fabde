import { KEYS } from '../../chaos/kit.js';
import { SERVICE_FAULTS } from '../../chaos/service-faults.js';
import type { Aftermath } from '../../soak/soak.js';
import type { Sample } from '../../soak/usage.js';
import { judge } from '../../soak/verdict.js';
import type { Wave } from '../../soak/wave.js';

const MINUTES = 50;
const BEGAN_AT = Date.parse('2026-01-01T00:00:00.000Z');

const WAVE: Wave = {
  outcomes: new Map([['running', 20]]),
  struck: new Map(SERVICE_FAULTS.map((name) => [name, 10])),
  requests: 1_000,
  good: 20,
  broken: [],
};

/** A sample every 5 s. The first ten minutes are the warm-up. */
const samplesOf = (of: (minute: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: MINUTES * 12 }, (_, nth) => ({
    atMs: BEGAN_AT + nth * 5_000,
    ...{ rssKb: 200_000, sockets: 50, files: 30 },
    ...of(nth / 12),
  }));

const growing = (kbInTenMinutes: number) =>
  samplesOf((minute) => ({ rssKb: 200_000 + (minute * kbInTenMinutes) / 10 }));

/** From the forty minutes after the warm-up, the last ten are the last quarter. */
const rising = (kind: 'sockets' | 'files', by: number) =>
  samplesOf((minute) => ({ [kind]: minute < 40 ? 30 : 30 + by }));

const peak = (kind: 'sockets' | 'files', value: number) =>
  samplesOf((minute) => (minute === 3 ? { [kind]: value } : {}));

const GOOD: Aftermath = {
  waves: [WAVE, WAVE],
  samples: growing(0),
  beganAt: BEGAN_AT,
  log: ['{"level":"info","msg":"Listening"}'],
  deserters: [],
};

/** 20 runs in each of two waves, and nine rules for the worker. */
const ALL = 49;

test.each<[string, Partial<Aftermath>]>([
  ['nothing odd', {}],
  ['memory that grows by 0.9 MB in 10 minutes', { samples: growing(900) }],
  ['200 sockets', { samples: peak('sockets', 200) }],
  ['20 sockets more in the last quarter', { samples: rising('sockets', 20) }],
  ['60 files', { samples: peak('files', 60) }],
  [
    '21 sockets more since the warm-up',
    { samples: samplesOf((minute) => ({ sockets: minute < 10 ? 30 : 51 })) },
  ],
])('%s passes', (_what, change) => {
  expect(judge({ ...GOOD, ...change })).toMatchObject({ passed: ALL, failed: 0 });
});

test.each<[string, Partial<Aftermath>]>([
  ['memory that grows by 1.1 MB in 10 minutes', { samples: growing(1_100) }],
  ['201 sockets', { samples: peak('sockets', 201) }],
  ['21 sockets more in the last quarter', { samples: rising('sockets', 21) }],
  ['61 files', { samples: peak('files', 61) }],
  ['21 files more in the last quarter', { samples: rising('files', 21) }],
  ['an unhandled rejection', { log: ['[UnhandledPromiseRejection: no]'] }],
  ['an uncaught error', { log: ['{"msg":"Uncaught Error: no"}'] }],
  ['a worker that ended by itself', { deserters: ['worker 1: out of memory'] }],
  ['a secret in the log', { log: [`{"authorization":"${KEYS.secretKey}"}`] }],
  ['no faults', { waves: [WAVE, WAVE].map((wave) => ({ ...wave, struck: new Map() })) }],
])('%s fails one rule', (_what, change) => {
  const { lines, ...counts } = judge({ ...GOOD, ...change });
  expect(counts).toEqual({ passed: ALL - 1, failed: 1 });
  expect(lines.filter((line) => line.includes('NOT MET'))).toHaveLength(1);
});

test('a run that broke a rule fails, and is told', () => {
  const broken = { ...WAVE, good: 19, broken: ['restart:1: asked twice'] };
  const { lines, ...counts } = judge({ ...GOOD, waves: [WAVE, broken] });
  expect(counts).toEqual({ passed: ALL - 1, failed: 1 });
  expect(lines).toContain('✗ restart:1: asked twice');
});

test('a run too short to tell of growth is judged by the other rules', () => {
  const short = { ...GOOD, samples: growing(5_000).slice(0, 12 * 15) };
  const { lines, ...counts } = judge(short);
  expect(counts).toEqual({ passed: ALL - 3, failed: 0 });
  expect(lines.filter((line) => line.includes('too short to tell'))).toHaveLength(3);
});

test('a worker that nobody measured does not pass', () => {
  expect(judge({ ...GOOD, samples: [] })).toMatchObject({ failed: 2 });
});

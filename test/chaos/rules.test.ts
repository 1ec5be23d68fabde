import { KEYS } from '../../chaos/kit.js';
import { RULE_NAMES, verdictOn } from '../../chaos/rules.js';
import type { Call } from '../../chaos/story.js';
import {
  arrived,
  ask,
  call,
  COMES_UP,
  look,
  LOST,
  refusal,
  runOf,
  T,
  wait,
  type Told,
} from './run-of.js';

/*
 * A judge that finds nothing proves nothing: each rule is broken here once at least, by a run that
 * is well but for one thing.
 */

const CANCELLED = { cancelRequested: { eventId: 8, at: T + 70 } };
const stopCall = (eventId = 20): Call => call('requestStop', eventId, 60, 100, { result: {} });
const stopAt = (at: number) => arrived({ operation: 'stop', at: T + at });
const JOINER = { isTheRestart: false, workflowId: 'by-somebody' };

/** Runs that are well: the judge must not cry wolf. */
const GOOD: Record<string, Told> = {
  'that came up': {},
  'that was refused': {
    status: 8,
    outcome: 'refused',
    sent: [refusal],
    calls: [look(8), ask('refused')],
    more: { error: { code: 'ModelArts.0105', message: 'job status: 8' } },
  },
  'that nobody can know of': {
    outcome: 'unknown',
    last: 12,
    sent: [LOST],
    calls: [look(), ask('ambiguous'), wait(12, 6_000)],
    close: { at: T + 6_100 },
  },
  'that timed out': {
    outcome: 'timed-out',
    last: 7,
    restart: [{ afterMs: 0, status: 7 }],
    close: { at: T + 60_100 },
  },
  'that timed out with a single look at the status that it had before': {
    status: 8,
    input: { ifRunning: 'stop' },
    outcome: 'timed-out',
    last: 7,
    restart: COMES_UP,
    sent: [arrived(), { at: T + 60_010, operation: 'detail', outcome: 200, carriedOut: false }],
    close: { at: T + 60_100 },
  },
  'that failed': { outcome: 'failed', last: 11, restart: [{ afterMs: 500, status: 11 }] },
  'that had no effect': {
    outcome: 'no-effect',
    last: 12,
    restart: [],
    calls: [look(), ask(), wait(12, 6_000)],
    close: { at: T + 6_100 },
  },
  'that was cancelled and stopped': {
    outcome: 'canceled',
    input: { onCancel: 'stop' },
    sent: [arrived(), stopAt(400)],
    stop: [{ afterMs: 100, status: 12 }],
    calls: [
      look(),
      ask(),
      wait(7, 300),
      { ...stopCall(), scheduledAt: T + 390, closedAt: T + 420 },
    ],
    story: { cancelRequested: { eventId: 18, at: T + 350 } },
  },
};

test.each(Object.entries(GOOD))('a run %s breaks no rule', (_name, told) => {
  expect(verdictOn(runOf(told))).toEqual([]);
});

/** What a run did, and the rule that it breaks. */
const BAD: [rule: string, what: string, told: Told][] = [
  ['it ends', 'runs on', { close: null }],
  ['it ends', 'was terminated', { close: { as: 'terminated' } }],
  ['no workflow task fails', 'did not replay', { story: { taskFailures: ['nondeterminism'] } }],
  ['its history stays small', 'has thousands of events', { story: { events: 4_000 } }],
  ['its history holds no secret', 'tells its key', { story: { text: `x${KEYS.secretKey}` } }],
  ['it ends as its outcome says', 'failed with `running`', { close: { as: 'failed' } }],
  [
    'it ends as its outcome says',
    'has another type',
    { ...GOOD['that failed'], close: { type: 'X' } },
  ],
  ['it ends in time', 'came late', { close: { at: T + 200_000 } }],
  ['at most one restart is taken', 'took two', { sent: [arrived(), arrived({ at: T + 90 })] }],
  [
    'each request arrives once, in the time of its call',
    'sent twice',
    { sent: [refusal, arrived()] },
  ],
  [
    'each request arrives once, in the time of its call',
    'sent one that came when its workflow had given it up',
    { sent: [arrived({ at: T + 5_000 })] },
  ],
  [
    'each request arrives once, in the time of its call',
    'sent what its history does not know',
    { calls: [look(), wait(8)] },
  ],
  [
    'nothing is sent once cancelled, but for the stop that was asked for',
    'asked for a restart after the cancellation',
    { story: CANCELLED },
  ],
  [
    'nothing is sent once cancelled, but for the stop that was asked for',
    'stopped a job that was to be left',
    { calls: [look(), { ...ask(), eventId: 7 }, wait(8), stopCall()], story: CANCELLED },
  ],
  [
    'nothing is sent once cancelled, but for the stop that was asked for',
    'stopped a job that it had not restarted',
    { input: { onCancel: 'stop' }, calls: [look(), stopCall()], story: CANCELLED },
  ],
  ['each request follows a fresh look', 'did not look', { calls: [ask(), wait(8)] }],
  [
    'each request follows a fresh look',
    'sent its second request upon an old look',
    { calls: [look(), ask('not-sent'), { ...ask(), eventId: 20, scheduledAt: T + 2_000 }] },
  ],
  [
    'what it says of its request is true',
    'says accepted where nothing was',
    { sent: [refusal], more: { acceptedAt: new Date(T).toISOString() } },
  ],
  ['what it says of its request is true', 'says attached', { more: { attached: true } }],
  ['its outcome is true', 'says running of a job that is not', { restart: [] }],
  ['its outcome is true', 'says running before it was', { close: { at: T + 500 } }],
  [
    'its outcome is true',
    'says refused, but was taken',
    { ...GOOD['that was refused'], sent: [arrived()] },
  ],
  ['its outcome is true', 'says refused by nobody', { ...GOOD['that was refused'], sent: [] }],
  [
    'its outcome is true',
    'says refused for a status that the job had not',
    {
      ...GOOD['that was refused'],
      more: { error: { code: 'ModelArts.0105', message: 'job status: 7' } },
    },
  ],
  [
    'its outcome is true',
    'says failed by an old reading',
    { ...GOOD['that failed'], status: 11, restart: COMES_UP },
  ],
  ['its outcome is true', 'says stopped', { outcome: 'stopped', last: 12 }],
  ['its outcome is true', 'says no effect', { ...GOOD['that had no effect'], restart: COMES_UP }],
  [
    'its outcome is true',
    'says no effect before the settle time is over',
    { ...GOOD['that had no effect'], calls: [look(), ask(), wait(12, 2_000)] },
  ],
  [
    'its outcome is true',
    'timed out early',
    { ...GOOD['that timed out'], close: { at: T + 59_000 } },
  ],
  [
    'its outcome is true',
    'timed out though the last look showed that the job was up',
    {
      ...GOOD['that timed out'],
      restart: COMES_UP,
      sent: [arrived(), { at: T + 60_010, operation: 'detail', outcome: 200, carriedOut: false }],
    },
  ],
  ['its outcome is true', 'says unknown, but nothing was lost', { outcome: 'unknown', last: 12 }],
  [
    'its outcome is true',
    'says unknown though its request was answered',
    { ...GOOD['that nobody can know of'], sent: [refusal] },
  ],
  [
    'its outcome is true',
    'says unknown before the settle time is over',
    { ...GOOD['that nobody can know of'], calls: [look(), ask('ambiguous'), wait(12, 2_000)] },
  ],
  ['its outcome is true', 'says canceled, but nobody did', { outcome: 'canceled' }],
  ['its outcome is true', 'says finished', { outcome: 'finished' }],
  [
    'a stop on cancel leaves the job down',
    'left it up',
    { ...GOOD['that was cancelled and stopped'], sent: [arrived()], calls: [look(), ask()] },
  ],
  ['it sends nothing itself', 'sent a request', { run: JOINER }],
  [
    'its outcome is that of the restart that it followed',
    'says something else',
    { calls: [], run: { ...JOINER, ofTheJob: [runOf({ outcome: 'stopped' })] } },
  ],
  [
    'its outcome is that of the restart that it followed',
    'timed out before its time was up',
    { calls: [], outcome: 'timed-out', run: JOINER },
  ],
  [
    'its outcome is that of the restart that it followed',
    'follows a restart that there was not',
    { calls: [], run: JOINER },
  ],
];

test.each(BAD)('the rule “%s” is broken by a run that %s', (rule, _what, told) => {
  expect(verdictOn(runOf(told)).map((line) => line.split(': ')[0])).toContain(rule);
});

test('each rule is broken by one of them', () => {
  expect([...new Set(BAD.map(([rule]) => rule))].sort()).toEqual([...RULE_NAMES].sort());
});

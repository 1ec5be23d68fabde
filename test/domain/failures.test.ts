import {
  FAILURES,
  failureOf,
  invalidInput,
  unknownWorkflowType,
} from '../../src/domain/failures.js';
import { OUTCOMES, type RestartOutcome } from '../../src/domain/outcome.js';

const KILLED = { code: 12, name: 'KILLED' };
const at = '2026-01-01T00:00:10.000Z';

function ended(outcome: RestartOutcome['outcome'], more: Partial<RestartOutcome> = {}) {
  return failureOf({
    outcome,
    projectId: 'ab0123456789cdef0123456789abcdef',
    jobId: '10',
    until: 'running',
    attached: false,
    before: KILLED,
    last: { code: 11, name: 'FAILED' },
    transitions: [
      { code: 7, name: 'WAITING', at },
      { code: 11, name: 'FAILED', at },
    ],
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:02:05.000Z',
    ...more,
  });
}

test.each(['running', 'finished'] as const)('%s is no failure', (outcome) => {
  expect(ended(outcome)).toBeUndefined();
});

test.each([
  ['refused', 'Refused', 'look the code up'],
  ['failed', 'RestartFailed', 'Read the job’s log'],
  ['stopped', 'JobStopped', 'Find out who stopped it'],
  ['no-effect', 'RestartHadNoEffect', 'Look at the job in the ModelArts console'],
  ['timed-out', 'RestartTimedOut', 'start again with ifRunning "attach"'],
  ['unknown', 'RestartUnknown', 'before you restart it'],
  ['canceled', 'RestartCanceled', 'Start it again if it is still wanted'],
] as const)('%s is a %s, begins with it and says what to do', (outcome, type, advice) => {
  const failure = ended(outcome);
  expect(failure?.type).toBe(type);
  expect(failure?.message.startsWith(`${type}: `)).toBe(true);
  expect(failure?.message).toContain(advice);
  expect(failure?.message.endsWith('.')).toBe(true);
});

test('a canceled restart that ModelArts had taken does not advise to start another one blindly', () => {
  const message = ended('canceled', { acceptedAt: '2026-01-01T00:00:01.000Z' })?.message;
  expect(message).toContain('ModelArts had taken it already: look at the job');
  expect(message).not.toContain('Start it again');
});

test('those are all nine', () => {
  expect([...OUTCOMES].toSorted()).toEqual(
    'canceled failed finished no-effect refused running stopped timed-out unknown'.split(' '),
  );
});

test('a refusal has ModelArts’ code for its type, and keeps its words in front', () => {
  const error = {
    code: 'ModelArts.0105',
    message: "This job can't be resubmit. job status: 8",
    httpStatus: 400,
  };
  expect(ended('refused', { error })).toEqual({
    type: 'ModelArts.0105',
    message:
      "ModelArts.0105: This job can't be resubmit. job status: 8. ModelArts refused (HTTP 400). " +
      'The job is RUNNING: it needs no restart. ifRunning "attach" waits for it, "stop" stops it first.',
  });
});

test('a refusal without a code is named by its HTTP status', () => {
  const failure = ended('refused', { error: { message: 'Forbidden!', httpStatus: 403 } });
  expect(failure?.type).toBe('HTTP403');
  expect(failure?.message).toMatch(/^HTTP403: Forbidden! ModelArts refused \(HTTP 403\)\. .*\.$/);
});

test('a sentence that ModelArts ended in Chinese gets no second full stop', () => {
  const failure = ended('refused', { error: { code: 'ModelArts.0108', message: '没有权限。' } });
  expect(failure?.message.startsWith('ModelArts.0108: 没有权限。 ModelArts refused. ')).toBe(true);
});

test('tells the job, how long it took and the way it went', () => {
  expect(ended('failed')?.message).toMatch(
    /^RestartFailed: job 10 after 2m 05s: KILLED → WAITING → FAILED\. /,
  );
});

test('of a long way the first two and the last three are told', () => {
  const transitions = [1, 2, 3, 4, 5, 6].map((code) => ({ code, name: `S${code}`, at }));
  const message = ended('failed', { transitions })?.message;
  expect(message).toContain(': KILLED → S1 → … → S4 → S5 → S6. ');
});

test('tells it where no look succeeded, and why', () => {
  const error = { code: 'ModelArts.0010', message: 'busy', httpStatus: 500 };
  const { before: _, last: __, ...rest } = { before: 0, last: 0, transitions: [], error };
  const failure = failureOf({
    outcome: 'timed-out',
    projectId: 'ab0123456789cdef0123456789abcdef',
    jobId: '10',
    until: 'running',
    attached: false,
    startedAt: at,
    endedAt: at,
    ...rest,
  });
  expect(failure?.message).toContain('no status seen. ');
  expect(failure?.message).toContain(' Last error: ModelArts.0010: busy. ');
});

test('bad input lists every problem in one message', () => {
  const failure = invalidInput(['timeout must be shorter', 'until must be longer']);
  expect(failure.type).toBe('InvalidInput');
  expect(failure.message).toMatch(
    /^InvalidInput: timeout must be shorter; until must be longer\. .*no request was sent\. .*\.$/,
  );
});

test.each([
  ['restartVisualisationJob', 'restartVisualizationJob', ' Did you mean restartVisualizationJob? '],
  ['other', undefined, undefined],
])('an unknown workflow type %s names those that are known', (name, near, hint) => {
  const failure = unknownWorkflowType(name, ['restartVisualizationJob', 'second'], near);
  expect(failure.type).toBe('UnknownWorkflowType');
  expect(failure.message.startsWith(`UnknownWorkflowType: ${name}; known are: `)).toBe(true);
  expect(failure.message).toContain('restartVisualizationJob, second.');
  expect(failure.message.includes('Did you mean')).toBe(hint !== undefined);
  if (hint !== undefined) expect(failure.message).toContain(hint);
  expect(failure.message.endsWith('.')).toBe(true);
});

test.each(Object.entries(FAILURES))('%s has a meaning and an advice in sentences', (_type, row) => {
  expect(row.meaning).toMatch(/^[A-Z].*\.$/);
  expect(row.advice).toMatch(/^[A-Z].*\.$/);
});

test('only what an activity throws to be repeated is retryable', () => {
  const retryable = Object.entries(FAILURES).filter(([, row]) => row.retryable);
  expect(retryable.map(([type]) => type)).toEqual(['LookFailed', 'WorkerStopping']);
});

import {
  parseExtension,
  parseRestartArguments,
  parseRestartInput,
  RESTART_KEYS,
} from '../../src/domain/parse-options.js';

function problemsOf(input: unknown): string[] {
  const parsed = parseRestartInput(input);
  return parsed.ok ? [] : parsed.problems;
}

test.each([
  [[], 0],
  [[{ jobId: '1' }, { jobId: '2' }], 2],
  [['1', '2', '3'], 3],
])('refuses the arguments %j, which are not one', (args, count) => {
  expect(parseRestartArguments(args)).toEqual({
    ok: false,
    problems: [`give one argument, such as {"jobId": "10"}; got ${count}`],
  });
});

test.each([
  [null, 'null'],
  [undefined, 'nothing'],
  [true, 'true'],
  [[], '[]'],
  [['10'], '["10"]'],
  [[{ jobId: '10' }], '[{"jobId":"10"}]'],
])('refuses %j in place of an object', (input, shown) => {
  const problems = [`give a JSON object such as {"jobId": "10"}; got ${shown}`];
  expect(parseRestartArguments([input])).toEqual({ ok: false, problems });
});

test.each([
  ['job_id', 'did you mean "jobId"?'],
  ['timeOut', 'did you mean "timeout"?'],
  ['poll-interval', 'did you mean "pollInterval"?'],
  ['requestBy', 'did you mean "requestedBy"?'],
  ['onCancle', 'did you mean "onCancel"?'],
  ['constructor', `known are ${RESTART_KEYS.join(', ')}`],
  ['', `known are ${RESTART_KEYS.join(', ')}`],
])('refuses the unknown key %j and says: %s', (key, hint) => {
  const problem = `unknown key ${JSON.stringify(key)}: ${hint}`;
  expect(problemsOf({ jobId: '10', [key]: 1 })).toEqual([problem]);
});

test('a key from the prototype of an object is neither taken nor missed', () => {
  const input: unknown = JSON.parse('{"jobId": "10", "__proto__": {"until": "finished"}}');
  expect(problemsOf(input)).toEqual([expect.stringContaining('unknown key "__proto__"')]);
});

test('every problem is found at once', () => {
  const input = {
    job: '10',
    until: 'up',
    timeout: '1 year',
    settleTime: '1h',
    projectId: 'mine',
    reason: 5,
  };
  const problems = problemsOf(input);
  expect(problems).toHaveLength(7);
  for (const part of ['"job"', 'until', 'timeout', 'settleTime', 'projectId', 'reason', 'jobId is'])
    expect(problems.filter((problem) => problem.includes(part))).not.toEqual([]);
});

describe('the input of extendDeadline', () => {
  test.each([
    [{ timeout: '15m' }, 900_000],
    [{ timeout: 1_000 }, 1_000],
    [{ timeout: '7d' }, 604_800_000],
  ])('%j is taken', (input, value) => {
    expect(parseExtension(input)).toStrictEqual({ ok: true, value });
  });

  test.each([
    [undefined, 'give a JSON object such as {"timeout": "15m"}; got nothing'],
    [null, 'give a JSON object such as {"timeout": "15m"}; got null'],
    ['15m', 'give a JSON object such as {"timeout": "15m"}; got "15m"'],
    [['15m'], 'give a JSON object such as {"timeout": "15m"}; got ["15m"]'],
    [{}, 'timeout is missing: give {"timeout": "15m"}'],
    [
      { timeout: '999ms' },
      'timeout must be a duration of 1s–7d, such as "90s" or "1.5h"; got "999ms"',
    ],
    [{ timeout: null }, 'timeout must be a duration of 1s–7d, such as "90s" or "1.5h"; got null'],
    [{ timeout: '15m', jobId: '10' }, 'unknown key "jobId": the only one is "timeout"'],
  ])('%j is refused', (input, problem) => {
    expect(parseExtension(input)).toEqual({ ok: false, problems: [problem] });
  });

  test('both problems of a misspelt key are named', () => {
    expect(parseExtension({ timeOut: '15m' })).toMatchObject({
      problems: [expect.stringContaining('"timeOut"'), expect.stringContaining('is missing')],
    });
  });
});

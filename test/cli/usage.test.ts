import { readFileSync } from 'node:fs';
import path from 'node:path';
import { callCli } from './call-cli.js';
import { CLI, endAllCalls, runCli } from './cli-process.js';

afterAll(endAllCalls);

const PROJECT = { HW_PROJECT_ID: 'a'.repeat(32) };

it.each<[string, string[], string[]]>([
  ['an unknown flag', ['restart', '10', '--timout', '1h'], ['--timout', 'Did you mean --timeout?']],
  ['an unknown verb', ['restrt', '10'], ['restrt', 'Did you mean restart?']],
  ['a choice that is none', ['restart', '10', '--until', 'up'], ['Allowed choices are running']],
  ['a missing job', ['schedule', 'pause'], ["missing required argument 'id'"]],
  ['too many jobs', ['status', '10', '11'], ['too many arguments']],
  ['no verb', [], ['Usage: modelarts-restarter']],
])('answers %s with the usage, and ends with 2', async (_, args, words) => {
  const { code, stdout, stderr } = await callCli(args, PROJECT);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  for (const word of [...words, 'Usage: modelarts-restarter']) expect(stderr).toContain(word);
});

it('names every bad value at once, by its flag, before it calls anybody', async () => {
  const args = ['restart', '010', '--timeout', '5', '--poll-interval', 'soon', '--reason'];
  const { code, stderr } = await callCli([...args, 'x'.repeat(201)], {
    ...PROJECT,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  expect(code).toBe(2);
  for (const word of [
    'jobId must be',
    '--timeout must be',
    '--poll-interval must',
    '--reason must',
  ]) {
    expect(stderr).toContain(word);
  }
});

it('names every problem of a selection at once, by its flag, before it calls anybody', async () => {
  const args = ['restart', '10', '--all', '--status', 'KILED,99', '--max-concurrent', '0'];
  const { code, stdout, stderr } = await callCli(
    [...args, '--stop-after-failures', 'x', '--json'],
    {
      ...PROJECT,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    },
  );
  expect(code).toBe(2);
  for (const word of [
    'either job ids, or select jobs by --status, --search, --workspace or --all',
    '--all is for all jobs',
    '--status: unknown status "KILED": did you mean "KILLED"?',
    '--max-concurrent must be a whole number of 1–1000; got 0',
    '--stop-after-failures must be a whole number of at least 1; got "x"',
  ]) {
    expect(stderr).toContain(word);
  }
  expect(JSON.parse(stdout)).toMatchObject({ error: { type: 'InvalidInput' } });
});

it('asks for job ids or a selection where a restart has neither', async () => {
  const { code, stderr } = await callCli(['restart', '--timeout', '1h'], PROJECT);
  expect(code).toBe(2);
  expect(stderr).toContain('give job ids, or select jobs by --status');
});

it('says how to find the id where a job’s name is given', async () => {
  const { code, stderr } = await callCli(['restart', 'my-board'], PROJECT);
  expect(code).toBe(2);
  expect(stderr).toContain('"modelarts-restarter jobs --search <name>" shows the id');
});

it('asks for a project where none is set, and reads that of the SDKs', async () => {
  const none = await callCli(['restart', '10']);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('give --project <id>, or set HW_PROJECT_ID');
  const bad = await callCli(['restart', '10'], { HUAWEICLOUD_SDK_PROJECT_ID: 'Nope' });
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('HUAWEICLOUD_SDK_PROJECT_ID must be');
});

it('says which of Temporal’s settings it can’t read', async () => {
  const { code, stderr } = await callCli(['list'], {
    TEMPORAL_CONFIG_FILE: CLI,
    TEMPORAL_PROFILE: 'x',
  });
  expect(code).toBe(2);
  expect(stderr).toContain('temporal.toml');
});

it('helps with examples for each verb', async () => {
  const top = await callCli(['--help']);
  expect(top.code).toBe(0);
  const verbs = [...top.stdout.matchAll(/^ {2}([a-z]+) (?:\[|<|  )/gm)].map(([, verb]) => verb!);
  expect(verbs).toEqual(expect.arrayContaining(['restart', 'status', 'list', 'cancel', 'worker']));
  for (const verb of verbs.filter((name) => !['help', 'schedule'].includes(name))) {
    const { code, stdout } = await callCli([verb, '--help']);
    expect({ verb, code }).toEqual({ verb, code: 0 });
    expect(stdout).toContain(`$ modelarts-restarter ${verb}`);
  }
});

it('tells the version of the package', async () => {
  const file = readFileSync(path.join(CLI, '..', '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(file) as { version: string };
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
});

it('prints a mistake in the call as a document too, with --json', async () => {
  const { code, stdout } = await runCli(['restart', '10', '--untill', 'running', '--json']);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { type: 'Usage', message: expect.stringContaining('--until') as string },
  });
});

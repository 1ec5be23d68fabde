import { runCli } from './cli-process.js';

it.each(['bash', 'zsh', 'fish'])('the %s script offers every verb', async (shell) => {
  const { code, stdout } = await runCli(['completion', shell]);
  expect(code).toBe(0);
  const verbs = [
    'jobs',
    'restart',
    'status',
    'list',
    'cancel',
    'schedule',
    'worker',
    'setup',
    'doctor',
  ];
  expect(verbs.filter((verb) => !new RegExp(`\\b${verb}\\b`).test(stdout))).toEqual([]);
});

it('ends with 2 for a shell that it does not know', async () => {
  expect(await runCli(['completion', 'csh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('bash, zsh, fish') as string,
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildCli, runCli } from './cli-process.js';

const folder = mkdtempSync(path.join(tmpdir(), 'completion-'));
const scripts: Record<string, string> = {};
beforeAll(async () => {
  buildCli();
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await runCli(['completion', shell]);
    expect(code).toBe(0);
    scripts[shell] = path.join(folder, shell);
    writeFileSync(scripts[shell], stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function completeInBash(words: string[]): string[] {
  const script = `source "$1"; shift
    COMP_WORDS=(modelarts-restarter "$@"); COMP_CWORD=$#
    _modelarts_restarter; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const stdout = execFileSync('bash', ['-c', script, 'bash', scripts['bash']!, ...words]);
  return stdout
    .toString()
    .split('\n')
    .filter((word) => word !== '');
}

it.each<[string[], string[]]>([
  [['sch'], ['schedule']],
  [['schedule', 're'], ['resume']],
  [
    ['restart', '10', '--if-'],
    ['--if-running', '--if-unknown'],
  ],
  [
    ['restart', '10', '--until', ''],
    ['running', 'finished'],
  ],
  [
    ['schedule', 'create', '10', '--c'],
    ['--cron', '--catch-up'],
  ],
  [
    ['list', '--outcome', 'f'],
    ['finished', 'failed'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish', '--help'],
  ],
  // What the flag takes is no word of ours.
  [['restart', '10', '--reason', ''], []],
])('bash completes %j', (words, replies) => {
  expect(completeInBash(words)).toEqual(replies);
});

it.each(['zsh', 'fish'])('the %s script offers every verb', (shell) => {
  const script = readFileSync(scripts[shell]!, 'utf8');
  const verbs = ['restart', 'status', 'list', 'cancel', 'schedule', 'worker', 'setup', 'doctor'];
  expect(verbs.filter((verb) => !new RegExp(`\\b${verb}\\b`).test(script))).toEqual([]);
});

it('ends with 2 for a shell that it does not know', async () => {
  expect(await runCli(['completion', 'csh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('bash, zsh, fish') as string,
  });
});

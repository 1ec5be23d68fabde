import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../cli/cli-process.js';

const folder = mkdtempSync(path.join(tmpdir(), 'completion-'));
const scripts: Record<string, string> = {};
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await runCli(['completion', shell]);
    expect(code).toBe(0);
    scripts[shell] = path.join(folder, shell);
    writeFileSync(scripts[shell], stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

type Shell = 'bash' | 'zsh' | 'fish';

/** How each shell is asked what it offers after these words, a word per line. */
const ASK: Record<Shell, string> = {
  bash: `source "$1"; shift
    COMP_WORDS=(modelarts-restarter "$@"); COMP_CWORD=$#
    _modelarts_restarter; printf '%s\n' "\${COMPREPLY[@]}"`,
  // The two that only a prompt has: who takes the words up, and who is told of the function.
  zsh: `compadd() { shift; print -l -- \${(M)@:#\${words[CURRENT]}*} }; compdef() { }
    source "$1"; shift
    words=(modelarts-restarter "$@"); CURRENT=$#words
    _modelarts_restarter`,
  fish: `source $argv[1]; complete -C "modelarts-restarter $argv[2..]" | string split -f 1 \\t; true`,
};

function complete(shell: Shell, words: string[]): string[] {
  const bare = { bash: ['--norc'], zsh: ['--no-rcs'], fish: ['--no-config'] }[shell];
  const name = shell === 'fish' ? [] : [shell];
  const args = [...bare, '-c', ASK[shell], ...name, scripts[shell]!, ...words];
  const stdout = execFileSync(shell, args, {
    encoding: 'utf8',
    env: { ...process.env, HOME: folder },
  });
  return stdout.split('\n').filter((word) => word !== '');
}

const CASES: [string[], string[]][] = [
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
  [['cancel', '10', '--t'], ['--terminate']],
  [['jo'], ['jobs']],
  [
    ['jobs', '--s'],
    ['--status', '--search'],
  ],
  [
    ['restart', '--status', 'KILL'],
    ['KILLING', 'KILLED'],
  ],
  [['restart', '--status', 'KILLED', '--max'], ['--max-concurrent']],
  [
    ['restart', '--d'],
    ['--detach', '--dry-run'],
  ],
  [['schedule', 'create', '--n'], ['--name']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  // What the flag takes is no word of ours.
  [['restart', '10', '--reason', ''], []],
];

describe.each<Shell>(['bash', 'zsh', 'fish'])('%s', (shell) => {
  it.each(CASES)('completes %j', (words, replies) => {
    const offered = complete(shell, words).filter((word) => word !== '--help');
    expect(offered.toSorted()).toEqual(replies.toSorted());
  });
});

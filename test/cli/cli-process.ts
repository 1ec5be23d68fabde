import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { endWithThisProcess } from '../../scripts/child.mjs';
import { listenTo } from '../setup/listen.js';

const ROOT = path.join(__dirname, '..', '..');
export const CLI = path.join(ROOT, 'dist', 'cli.js');

/** What a call of the command line came to. */
export interface CliEnd {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A call that is under way; `stdout` and `stderr` grow. */
export interface CliProcess extends CliEnd {
  process: ChildProcess;
  ended: Promise<CliEnd>;
  /** Waits until the output holds the text, 60 seconds at the longest. */
  says(text: string): Promise<void>;
}

export type Variables = Record<string, string>;

const started = new Set<ChildProcess>();

/** Starts `node dist/cli.js` in a pipe, with these variables and none of the caller's. */
export function startCli(args: readonly string[], variables: Variables = {}): CliProcess {
  return startProcess(process.execPath, [CLI, ...args], variables);
}

/** Runs it to its end. */
export function runCli(args: readonly string[], variables: Variables = {}): Promise<CliEnd> {
  return startCli(args, variables).ended;
}

/**
 * Starts it in a terminal: a pseudo-terminal of the program `script`, which every Debian and every
 * macOS has. What is written to the process's standard input is typed.
 */
export function startCliInTerminal(args: readonly string[], variables: Variables): CliProcess {
  const command = [process.execPath, CLI, ...args];
  const options =
    process.platform === 'darwin'
      ? ['-q', '/dev/null', ...command]
      : ['--quiet', '--return', '--command', command.map(quoted).join(' '), '/dev/null'];
  const cli = startProcess('script', options, { TERM: 'xterm', ...variables }, 'pipe');
  cli.process.once('error', () => {
    throw new Error('These tests need a terminal: install "script" (Debian: package bsdutils).');
  });
  return cli;
}

/** Ends what a failed test left behind. */
export function endAllCalls(): void {
  for (const child of started) child.kill('SIGKILL');
}

/** Starts any program with these variables and none of the caller's, but for `PATH`. */
export function startProcess(
  program: string,
  args: readonly string[],
  variables: Variables,
  stdin: 'ignore' | 'pipe' = 'ignore',
): CliProcess {
  const { PATH = '' } = process.env;
  const child = spawn(program, args, {
    env: { PATH, HOME: '/nonexistent', ...variables },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  started.add(child);
  endWithThisProcess(child);
  const cli: CliProcess = {
    process: child,
    code: null,
    stdout: '',
    stderr: '',
    ended: once(child, 'close').then(([code]) => {
      started.delete(child);
      cli.code = code as number | null;
      listenTo('the command line', cli.stdout + cli.stderr);
      return cli;
    }),
    says: (text) => saying(cli, text),
  };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (cli.stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (cli.stderr += text));
  return cli;
}

async function saying(cli: CliProcess, text: string): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until;) {
    if (`${cli.stdout}${cli.stderr}`.includes(text)) return;
    if (cli.process.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it never said "${text}": ${cli.stdout}${cli.stderr}`);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

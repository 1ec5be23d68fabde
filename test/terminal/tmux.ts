import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { CLI, type Variables } from '../cli/cli-process.js';

/** A terminal of a size with a shell in it, on a tmux server of its own. */
export class Terminal {
  readonly #socket = `modelarts-restarter-${randomUUID()}`;

  constructor(columns: number, rows: number, variables: Variables) {
    const size = ['-x', String(columns), '-y', String(rows)];
    const shell = ["exec env PS1='$ ' ENV= sh"];
    const { PATH = '' } = process.env;
    execFileSync('tmux', this.#call(['new-session', '-d', ...size, ...shell]), {
      env: { PATH, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', HOME: '/nonexistent', ...variables },
    });
  }

  /** Types a line. */
  type(line: string): void {
    this.#run(['send-keys', '-l', line]);
    this.press('Enter');
  }

  /** Types a call of the command line, in one line with what comes before it. */
  call(args: string, before = ''): void {
    this.type(`${before}'${process.execPath}' '${CLI}' ${args}; echo "ended with $?"`);
  }

  /** Presses a key, by tmux's name of it: `C-c`. */
  press(key: string): void {
    this.#run(['send-keys', key]);
  }

  /** What stands on the screen; lines that the terminal wrapped are joined. */
  screen(): string[] {
    return this.#lines([]);
  }

  /** The same with all that was scrolled out of it. */
  scrolledBack(): string[] {
    return this.#lines(['-S', '-']);
  }

  #lines(options: string[]): string[] {
    return this.#run(['capture-pane', '-p', '-J', ...options])
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '');
  }

  /** Waits until a line of the screen is like this, 20 seconds at the longest, and answers with the screen. */
  async shows(line: RegExp): Promise<string[]> {
    for (const until = Date.now() + 20_000; ;) {
      const screen = this.screen();
      if (screen.some((text) => line.test(text))) return screen;
      if (Date.now() > until) throw new Error(`never ${line}:\n${screen.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  cursorIsShown(): boolean {
    return this.#run(['display-message', '-p', '#{cursor_flag}']).trim() === '1';
  }

  close(): void {
    spawnSync('tmux', this.#call(['kill-server']));
  }

  #run(args: string[]): string {
    return execFileSync('tmux', this.#call(args), { encoding: 'utf8' });
  }

  #call = (args: string[]): string[] => ['-L', this.#socket, '-f', '/dev/null', ...args];
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findProcess } from '../bench/processes.js';
import type { ChaosKit } from './kit.js';

/** A program that can be killed at any instant. It ends with this process at the latest. */
export class Child {
  /** All lines that the program has printed. */
  readonly lines: string[] = [];
  /** Resolves when the program has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly startedAt = Date.now();
  /** When the program first printed `readyLine`. */
  readyAt: number | undefined;
  readonly #guard: ChildProcess;
  #isEnded = false;
  #isKilled = false;
  #pid: number | undefined;

  constructor(
    kit: ChaosKit,
    program: string,
    args: readonly string[],
    { env, readyLine }: { env: NodeJS.ProcessEnv; readyLine?: string },
  ) {
    const { PATH = '' } = process.env;
    // Keeps Ctrl-C from the program: the script gets it, and ends what it started in order.
    const options = { env: { PATH, ...env }, detached: true } as const;
    const guard = spawn(process.execPath, [kit.guard, program, ...args], {
      ...options,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [guard.stdout, guard.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (readyLine !== undefined && line.includes(readyLine)) this.readyAt ??= Date.now();
      });
    }
    guard.stdin.on('error', () => undefined);
    this.#guard = guard;
    this.ended = once(guard, 'close').then(() => void (this.#isEnded = true));
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether `kill` ended the program. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** Sends SIGKILL. Returns when, or `undefined` if the program had ended by itself. */
  async kill(): Promise<number | undefined> {
    this.#pid ??= await findProcess(({ ppid }) => ppid === this.#guard.pid);
    if (this.#pid === undefined || this.#isEnded) return undefined;
    const at = Date.now();
    try {
      process.kill(this.#pid, 'SIGKILL');
      this.#isKilled = true;
    } catch {
      // The program ended by itself just now.
    }
    await this.ended;
    return this.#isKilled ? at : undefined;
  }

  /** Ends the program through its guard. */
  async close(): Promise<void> {
    this.#guard.stdin?.end();
    await this.ended;
  }
}

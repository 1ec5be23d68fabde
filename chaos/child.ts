import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findProcess } from '../bench/processes.js';
import type { ChaosKit } from './kit.js';

/** A program that can be killed at any instant, and ends with this process at the latest. */
export class Child {
  /** All that it has printed. */
  readonly lines: string[] = [];
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly startedAt = Date.now();
  /** When it first printed `readyLine`. */
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
    // Ctrl-C is for the script, which ends what it started in order.
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

  /** Whether it was killed from here. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  /** `kill -9`: it gets no chance to do anything. Answers when it died, if it was still there. */
  async kill(): Promise<number | undefined> {
    this.#pid ??= await findProcess(({ ppid }) => ppid === this.#guard.pid);
    if (this.#pid === undefined || this.#isEnded) return undefined;
    const at = Date.now();
    try {
      process.kill(this.#pid, 'SIGKILL');
      this.#isKilled = true;
    } catch {
      // It has ended by itself at this very moment.
    }
    await this.ended;
    return this.#isKilled ? at : undefined;
  }

  /** Ends it for good, by its guard. */
  async close(): Promise<void> {
    this.#guard.stdin?.end();
    await this.ended;
  }
}

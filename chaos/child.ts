import { createInterface } from 'node:readline';
import type { ChaosKit, StartedProgram } from './kit.js';

/** A program that can be killed at any instant. It ends with this process at the latest. */
export class Child {
  /** All lines that the program has printed. */
  readonly lines: string[] = [];
  /** Resolves when the program has ended, whoever ended it. */
  readonly ended: Promise<void>;
  readonly startedAt = Date.now();
  /** When the program first printed `readyLine`. */
  readyAt: number | undefined;
  readonly #started: StartedProgram;
  #isEnded = false;
  #isKilled = false;

  constructor(
    kit: ChaosKit,
    program: string,
    args: readonly string[],
    { env, readyLine }: { env: NodeJS.ProcessEnv; readyLine?: string },
  ) {
    const { PATH = '' } = process.env;
    this.#started = kit.start(program, args, { PATH, ...env });
    const { stdout, stderr } = this.#started.process;
    for (const stream of [stdout, stderr]) {
      createInterface({ input: stream! }).on('line', (line) => {
        this.lines.push(line);
        if (readyLine !== undefined && line.includes(readyLine)) this.readyAt ??= Date.now();
      });
    }
    this.ended = this.#started.ended.then(() => void (this.#isEnded = true));
  }

  get pid(): number | undefined {
    return this.#started.process.pid;
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
    if (this.#isEnded) return undefined;
    const at = Date.now();
    // False where it has ended by itself at this very moment.
    this.#isKilled = this.#started.process.kill('SIGKILL');
    await this.ended;
    return this.#isKilled ? at : undefined;
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    await this.#started.close();
  }
}

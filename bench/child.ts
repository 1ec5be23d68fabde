import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kit } from './kit.js';
import { findProcess } from './processes.js';

/** A program in a process of its own, so that its CPU time can be measured alone. */
export interface Child {
  readonly pid: number;
  /** Returns the end of what the program has printed so far. */
  output(): string;
  /** Resolves when the program has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** Ends the program, and waits until it has ended. */
  close(): Promise<void>;
}

const START_LIMIT_MS = 30_000;
const KEPT_OUTPUT = 16_384;

/** Runs a Node program until the measurement is over; resolves once its output matches `until`. */
export async function startChild(
  kit: Kit,
  program: string,
  options: { args?: string[]; env?: Record<string, string>; until: RegExp },
): Promise<Child> {
  const { args = [], env = {}, until } = options;
  const guard = spawn(process.execPath, [kit.guard, process.execPath, program, ...args], {
    env: { ...withoutSettings(process.env), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Keeps Ctrl-C from the program: the script gets it, and ends what it started in order.
    detached: true,
  });
  let output = '';
  for (const stream of [guard.stdout, guard.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  }
  const exited = once(guard, 'close').then(() => {});
  const close = async (): Promise<void> => {
    guard.stdin.end();
    await exited;
  };
  kit.atEnd(close);
  const deadline = Date.now() + START_LIMIT_MS;
  while (!until.test(output)) {
    if (guard.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${program} did not start:\n${output}`);
    }
    await sleep(20);
  }
  const pid = await findProcess(({ ppid }) => ppid === guard.pid);
  if (pid === undefined) throw new Error(`${program} ended at once:\n${output}`);
  return { pid, output: () => output, exited, close };
}

/** Leaves out the settings of the user's shell, which must not leak into a measurement. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(TEMPORAL_|MODELARTS_|HW_|HUAWEICLOUD_SDK_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}

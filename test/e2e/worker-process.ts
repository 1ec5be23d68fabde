import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { startChild } from '../../scripts/child.mjs';
import { listenTo } from '../setup/listen.js';

/** `node dist/worker.js` as its own process; everything it prints is kept. */
export interface WorkerProcess {
  process: ChildProcess;
  stdout: string[];
  stderr: string[];
  /** Waits for a line of its log. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Sends a signal and waits for the end; answers with the exit code, or `null` after a kill. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  ended: Promise<number | null>;
}

const started = new Set<ReturnType<typeof startChild>>();

/**
 * Starts one with these variables and none of the caller's that configure it.
 *
 * @param program how it is started; default as `npm start` does it
 */
export function startWorkerProcess(
  environment: Record<string, string>,
  program: readonly string[] = ['dist/worker.js'],
): WorkerProcess {
  const { PATH = '' } = process.env;
  const worker = startChild(process.execPath, program, { env: { PATH, ...environment } });
  const { process: child, ended } = worker;
  started.add(worker);
  void ended.then(() => started.delete(worker));
  const [stdout, stderr] = [linesOf(child.stdout!), linesOf(child.stderr!)];
  return {
    process: child,
    stdout,
    stderr,
    ended,
    logged: (message) => loggedIn(stdout, message, () => child.exitCode !== null, stderr),
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Ends what a failed test left behind. */
export function endAllWorkers(): void {
  for (const worker of started) void worker.close();
}

function linesOf(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => lines.push(listenTo('a worker', line)));
  return lines;
}

async function loggedIn(
  lines: string[],
  message: string,
  isOver: () => boolean,
  stderr: string[],
): Promise<Record<string, unknown>> {
  for (const until = Date.now() + 60_000; Date.now() < until;) {
    const found = lines.find((line) => line.includes(`"msg":${JSON.stringify(message)}`));
    if (found !== undefined) return JSON.parse(found) as Record<string, unknown>;
    if (isOver()) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the worker never said "${message}": ${[...stderr, ...lines].join('\n')}`);
}

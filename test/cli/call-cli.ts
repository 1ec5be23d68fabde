import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { runCommandLine } from '../../src/cli/run.js';
import { listenTo } from '../setup/listen.js';
import type { CliEnd, Variables } from './cli-process.js';

const { version } = JSON.parse(
  readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8'),
) as { version: string };

/**
 * Runs a call of the command line to its end in this process, for tests that are not about the
 * process: that spares the second of work which a start costs. One call at a time.
 */
export async function callCli(args: readonly string[], variables: Variables = {}): Promise<CliEnd> {
  const end: CliEnd = { code: null, stdout: '', stderr: '' };
  const giveBack = takeOver(end, variables);
  try {
    await runCommandLine([process.execPath, 'modelarts-restarter', ...args], version);
  } finally {
    await giveBack();
  }
  listenTo('the command line', end.stdout + end.stderr);
  return end;
}

/** Has this process look as if it were started for the call alone. */
function takeOver(end: CliEnd, variables: Variables): () => Promise<void> {
  const { stdout, stderr, env, exit } = process;
  const connections: Connection[] = [];
  const lazy = Connection.lazy.bind(Connection);
  const mocks = [
    jest.spyOn(stdout, 'write').mockImplementation(into(end, 'stdout')),
    jest.spyOn(stderr, 'write').mockImplementation(into(end, 'stderr')),
    jest.spyOn(Connection, 'lazy').mockImplementation((options) => {
      const connection = lazy(options);
      connections.push(connection);
      return connection;
    }),
  ];
  const listened: [NodeJS.EventEmitter, string][] = [
    [process, 'SIGINT'],
    [process, 'SIGTERM'],
    [stdout, 'error'],
  ];
  const before = listened.map(([emitter, event]) => emitter.listeners(event));
  const terminals = [process.stdin, stdout, stderr].map((stream) => notATerminal(stream));
  process.env = { PATH: env['PATH'], HOME: '/nonexistent', ...variables };
  process.exit = ((code: number) => (end.code = code)) as typeof process.exit;
  return async () => {
    process.env = env;
    process.exit = exit;
    for (const giveItBack of terminals) giveItBack();
    for (const mock of mocks) mock.mockRestore();
    for (const [index, [emitter, event]] of listened.entries()) {
      for (const listener of emitter.listeners(event)) {
        if (!before[index]!.includes(listener)) emitter.off(event, listener as () => void);
      }
    }
    await Promise.all(connections.map((connection) => connection.close()));
  };
}

/** The tests may run in a terminal, where a call would ask questions and overwrite lines. */
function notATerminal(stream: object): () => void {
  const own = Object.getOwnPropertyDescriptor(stream, 'isTTY');
  Object.defineProperty(stream, 'isTTY', { configurable: true, value: false });
  return () => {
    if (own === undefined) delete (stream as { isTTY?: boolean }).isTTY;
    else Object.defineProperty(stream, 'isTTY', own);
  };
}

/** What `write` of a stream does instead: it keeps the text. */
function into(end: CliEnd, stream: 'stdout' | 'stderr'): typeof process.stdout.write {
  return ((text: string, written?: () => void) => {
    end[stream] += text;
    written?.();
    return true;
  }) as typeof process.stdout.write;
}

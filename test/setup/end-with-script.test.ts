import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runningProcesses } from '../../bench/processes.js';
import { eventually } from './stage.js';

const ROOT = path.join(__dirname, '..', '..');
const CHILD = pathToFileURL(path.join(ROOT, 'scripts', 'child.mjs')).href;

/** A script that runs a program which has a child of its own. */
const RUNS_A_PROGRAM = `
  import { run } from ${JSON.stringify(CHILD)};
  await run('sh', ['-c', 'sleep 71 & wait']);`;

const started = new Set<number>();

/** A script gives up by itself if one of its three parts has not started within 30 s. */
const START_LIMIT_MS = 90_000;

jest.setTimeout(START_LIMIT_MS + 30_000);
afterAll(() => {
  for (const pid of started) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Starts it, and waits until it has children of these kinds. Fails with its output if it ends before. */
async function start(
  args: readonly string[],
  kinds: readonly string[],
): Promise<{ script: ChildProcess; children: number[] }> {
  // A terminal's session of its own, so that a signal reaches the script alone.
  const script = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  started.add(script.pid!);
  let output = '';
  for (const stream of [script.stdout, script.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()));
  }
  const children = await eventually(async () => {
    if (!isAlive(script.pid!) || script.exitCode !== null) {
      throw new Error(`${args.join(' ')} has ended: ${output}`);
    }
    const all = await descendantsOf(script.pid!);
    const complete = kinds.every((kind) => all.some(({ command }) => command.includes(kind)));
    return complete ? all : undefined;
  }, START_LIMIT_MS);
  for (const { pid } of children) started.add(pid);
  return { script, children: children.map(({ pid }) => pid) };
}

async function descendantsOf(pid: number): Promise<{ pid: number; command: string }[]> {
  const all = await runningProcesses();
  const below = (parent: number): typeof all =>
    all.filter(({ ppid }) => ppid === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid);
}

/** Ends the script alone, and expects that all that it has started is gone within seconds. */
async function expectNoneLeft(
  { script, children }: { script: ChildProcess; children: number[] },
  signal: NodeJS.Signals,
): Promise<void> {
  script.kill(signal);
  const from = Date.now();
  while ([script.pid!, ...children].some(isAlive) && Date.now() - from < 10_000) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const left = (await runningProcesses()).filter(({ pid }) => children.includes(pid));
  expect(left).toEqual([]);
  expect(isAlive(script.pid!)).toBe(false);
}

const SIGNALS = ['SIGHUP', 'SIGKILL', 'SIGTERM'] as const;

it.concurrent.each(SIGNALS)(
  'what a script runs ends with it, grandchildren too, when it gets %s',
  async (signal) => {
    const script = await start(['--input-type=module', '-e', RUNS_A_PROGRAM], ['sleep 71']);
    await expectNoneLeft(script, signal);
  },
);

it.concurrent(
  'a process that a test has spawned itself ends where the test is killed',
  async () => {
    const test = `
    import { spawn } from 'node:child_process';
    import { endWithThisProcess } from ${JSON.stringify(CHILD)};
    endWithThisProcess(spawn('sleep', ['72']));`;
    await expectNoneLeft(
      await start(['--input-type=module', '-e', test], ['sleep 72', 'read -r line']),
      'SIGKILL',
    );
  },
);

const SERVER = 'server start-dev';

it.each<[script: string, signal: NodeJS.Signals, args: string[], kinds: string[]]>([
  ['playground', 'SIGHUP', [], [SERVER, 'worker.js']],
  ['demo', 'SIGHUP', [], [SERVER, 'worker.js']],
  ['bench', 'SIGKILL', ['latency'], [SERVER, 'worker.js', 'simulator/main.js']],
])('what scripts/%s.mjs starts ends with it when it gets %s', async (name, signal, args, kinds) => {
  await expectNoneLeft(await start([`scripts/${name}.mjs`, ...args], kinds), signal);
});

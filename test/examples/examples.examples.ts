import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startChild } from '../../scripts/child.mjs';
import { startWorker, withoutSettings } from '../../scripts/local-stack.mjs';
import { inRoot } from '../../scripts/project.mjs';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { temporalAddress, temporalCli } from '../setup/temporal.js';
import { docCommands, folderOfPrograms } from './doc-commands.js';
import { installPython, installTypeScript, PYTHON, TYPESCRIPT, VENV_PYTHON } from './install.js';
import { loadedBy } from './loaded-by.js';
import { runProgram } from './run-program.js';

/*
 * Copies of the examples install what they need (the TypeScript one the packed package itself), and run against a real
 * Temporal server, the simulator, and the worker of the packed package. The tests of this file build on one another.
 */
const [KILLED, STARTING, RUNNING] = [12, 7, 8];

it('TypeScript: installs the packed package', installTypeScript);

it('TypeScript: its types fit', async () => {
  await runProgram({ program: 'npm', args: ['run', 'build'], cwd: TYPESCRIPT });
});

it('Python: installs its requirements', installPython);

describe('an import', () => {
  it('of a worker is seen by the probe', async () => {
    const { packages, nativeCore } = await loadedBy('@temporalio/worker');
    expect(packages).toContain('@temporalio/worker');
    expect(nativeCore).toBe(true);
  });

  const { exports } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  const entries = Object.keys(exports).filter((name) => !name.endsWith('.json'));
  it.each(entries.map((entry) => path.posix.join('modelarts-restarter', entry)))(
    'of %s loads no worker',
    async (specifier) => {
      const { packages, nativeCore } = await loadedBy(specifier);
      expect(packages.filter((name) => /^@temporalio\/(worker|core-bridge)$/.test(name))).toEqual(
        [],
      );
      expect(nativeCore).toBe(false);
    },
  );
});

describe('with a Temporal server, a simulated ModelArts and the packed worker,', () => {
  const started: { close(): Promise<void> }[] = [];
  let simulator: Simulator;
  let temporal: NodeJS.ProcessEnv;
  beforeAll(async () => {
    const address = temporalAddress();
    temporal = { ...withoutSettings(process.env), TEMPORAL_ADDRESS: address };
    simulator = await startSimulator();
    started.push(simulator);
    const cwd = path.join(TYPESCRIPT, 'node_modules', 'modelarts-restarter');
    const worker = startWorker({ address, simulator }, { program: 'dist/worker.js', cwd });
    started.push(worker);
    await worker.says(/Listening/);
  });
  afterAll(async () => {
    for (const part of started.toReversed()) await part.close();
  });

  /** Starts an example's worker. */
  async function startExample(program: string, args: string[], cwd: string): Promise<void> {
    const example = startChild(program, args, { cwd, env: temporal, gently: true });
    started.push(example);
    await example.says(/listening/i);
  }

  let jobs = 100;
  /** Adds a job in a status, runs the program for it, and answers with the id and the one line that it prints. */
  async function report(
    status: number,
    { program, cwd }: { program: string; cwd: string },
    args: (jobId: string) => string[],
  ): Promise<{ jobId: string; line: string }> {
    const jobId = String((jobs += 1));
    simulator.addJob({ jobId, status });
    const output = await runProgram({ program, args: args(jobId), cwd, env: temporal });
    return { jobId, line: output.trim() };
  }

  describe('a page', () => {
    beforeAll(() => {
      // One job takes its time, one stays on its way.
      const starting = [{ afterMs: 0, status: STARTING }];
      const restart = [...starting, { afterMs: 10_000, status: RUNNING }];
      simulator.addJob({ jobId: '10', status: KILLED, timelines: { restart } });
      simulator.addJob({ jobId: '11', status: KILLED, timelines: { restart: starting } });
    });

    it.each(docCommands())('%s has a command that works: %s', async (_page, command) => {
      const PATH = [await folderOfPrograms(temporalCli()), temporal['PATH']].join(path.delimiter);
      const env = { ...temporal, HW_PROJECT_ID: simulator.projectId, PATH };
      await runProgram({ program: 'sh', args: ['-c', command], env });
    });
  });

  const node = { program: process.execPath, cwd: TYPESCRIPT, worker: 'dist/worker.js' };
  const python = { program: VENV_PYTHON, cwd: PYTHON, worker: 'worker.py' };
  const doors = ['child', 'nexus'];
  describe.each([
    {
      language: 'TypeScript',
      example: node,
      calls: [
        ...doors.map((door) => [door, (jobId: string) => ['dist/report.js', door, jobId]] as const),
        ['client', (jobId: string) => ['dist/restart.js', jobId, simulator.projectId]] as const,
      ],
    },
    {
      language: 'Python',
      example: python,
      calls: doors.map((door) => [door, (jobId: string) => ['report.py', door, jobId]] as const),
    },
  ])('$language', ({ example, calls }) => {
    beforeAll(() => startExample(example.program, [example.worker], example.cwd));

    it.each(calls)('%s: reports a restart', async (_door, args) => {
      const { jobId, line } = await report(KILLED, example, args);
      expect(line).toMatch(new RegExp(`^job ${jobId}: running, now RUNNING, by way of .*$`));
      expect(simulator.acceptedRestarts(jobId)).toBe(1);
    });

    it.each(calls)('%s: reports a refusal', async (_door, args) => {
      const { jobId, line } = await report(RUNNING, example, args);
      const refusal = `^job ${jobId}: refused \\(ModelArts\\.0105\\), was RUNNING, ModelArts says: .*$`;
      expect(line).toMatch(new RegExp(refusal));
    });
  });
});

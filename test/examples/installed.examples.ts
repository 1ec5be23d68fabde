import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startWorker, withoutSettings } from '../../scripts/local-stack.mjs';
import { inRoot } from '../../scripts/project.mjs';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import { temporalAddress } from '../setup/temporal.js';
import { INSTALLATION, pack } from './install.js';
import { runProgram } from './run-program.js';

/* `npm pack` and `npm install -g`, as on a machine that has no checkout. */

let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'installed-'));
  simulator = await startSimulator();
});
afterAll(async () => {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const installed = (...parts: string[]): string =>
  path.join(folder, 'lib', 'node_modules', 'modelarts-restarter', ...parts);

/** Runs the command in the empty folder that it was installed under. */
const call = (args: string[], settings: Record<string, string> = {}): Promise<string> => {
  const PATH = [path.join(folder, 'bin'), process.env['PATH']].join(path.delimiter);
  const env = { ...withoutSettings(process.env), PATH, ...settings };
  return runProgram({ program: 'modelarts-restarter', args, cwd: folder, env });
};

it('the packed package installs as a command, which knows its version', async () => {
  const tarball = path.join(folder, 'modelarts-restarter.tgz');
  await pack(tarball);
  const args = ['install', '--global', '--prefix', folder, '--prefer-offline', tarball];
  await runProgram({ program: 'npm', args, cwd: folder }, INSTALLATION);
  await rm(tarball);
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
    version: string;
  };
  expect((await call(['--version'])).trim()).toBe(version);
});

it('it holds the program, what deploys it and its pages, and neither sources nor tests', async () => {
  const parts = await readdir(installed());
  expect(parts).toEqual(expect.arrayContaining(['deploy', 'dist', 'docs', 'SECURITY.md']));
  const unwanted = ['src', 'test', 'scripts', 'simulator', '.ci'];
  expect(parts.filter((part) => unwanted.includes(part))).toEqual([]);
});

it('its worker and its command line restart a job', async () => {
  simulator.addJob({ jobId: '10', status: 12 });
  const address = temporalAddress();
  const env = { TEMPORAL_TASK_QUEUE: 'installed' };
  const program = installed('dist', 'worker.js');
  const worker = startWorker({ address, simulator }, { program, cwd: folder, env });
  try {
    await worker.says(/"msg":"Listening"/);
    const settings = { TEMPORAL_ADDRESS: address, HW_PROJECT_ID: simulator.projectId, ...env };
    const said = await call(['restart', '10', '--poll-interval', '1s'], settings);
    expect(said).toContain('job 10 is running');
    expect(simulator.acceptedRestarts('10')).toBe(1);
  } finally {
    await worker.close();
  }
});

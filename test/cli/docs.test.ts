import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { progressWhen } from '../setup/stage.js';
import { callCli } from './call-cli.js';
import { CLI, startCli, startProcess, type CliEnd } from './cli-process.js';
import { openCliStage, type CliStage } from './cli-stage.js';

const PAGE = path.join(__dirname, '..', '..', 'docs', 'command-line.md');

let stage: CliStage;
let folder: string;
beforeAll(async () => {
  stage = await openCliStage({ list: true });
  folder = mkdtempSync(path.join(tmpdir(), 'docs-'));
  const program = path.join(folder, 'modelarts-restarter');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(program, 0o755);
  for (const jobId of ['10', '11', '12', '14', '15']) stage.simulator.addJob({ jobId, status: 12 });
  stage.simulator.addJob({
    jobId: '13',
    status: 12,
    timelines: { restart: [{ afterMs: 0, status: 10 }] },
  });
  for (const name of ['board-1', 'board-2']) {
    stage.simulator.addJob({ jobId: name.replace('board-', '2'), name, status: 12 });
  }
  const never = { status: 12, timelines: { restart: [{ afterMs: 0, status: 7 }] } };
  stage.simulator.addJob({ jobId: '31', name: 'slow', ...never });
  for (const jobId of ['16', '17']) {
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: [] } });
  }
  const options = { settleTime: '10m', timeout: '10m' };
  const both = [stage.start({ jobId: '16', ...options }), stage.start({ jobId: '17', ...options })];
  // Temporal has seen the worker then, which `doctor` asks for.
  for (const handle of await Promise.all(both)) {
    await progressWhen(handle, ({ acceptedAt }) => acceptedAt !== undefined);
  }
});
afterAll(async () => {
  for (const id of ['11', 'nightly']) await callCli(['schedule', 'delete', id], variables());
  await stage.close();
  rmSync(folder, { recursive: true });
});

const variables = () => ({
  ...stage.variables,
  PATH: `${folder}:${process.env['PATH']}`,
  HOME: folder,
  MODELARTS_ENDPOINT: stage.simulator.url,
  HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
});

/** Runs what somebody types: in this process if it is a call alone, by a shell if it is more than that. */
async function typed(line: string): Promise<CliEnd> {
  if (/[>|]/.test(line)) {
    return startProcess('sh', ['-c', `cd '${folder}' && ${line}`], variables()).ended;
  }
  // The shell splits the line into words.
  const words = spawnSync('sh', ['-c', line.replace(/^\S+/, String.raw`printf '%s\n'`)]);
  return callCli(words.stdout.toString().trimEnd().split('\n'), variables());
}

/** The calls that the page shows, in its order. */
function calls(): string[] {
  const blocks = readFileSync(PAGE, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, block]) => block!.trim().split('\n'));
}

it('every call on the page does what it is for', async () => {
  expect(calls().length).toBeGreaterThan(20);
  for (const call of calls()) {
    if (call === 'modelarts-restarter worker') {
      const worker = startCli(['worker'], { ...variables(), TEMPORAL_TASK_QUEUE: 'docs' });
      await worker.says('Listening');
      worker.process.kill('SIGINT');
      expect((await worker.ended).code).toBe(0);
      continue;
    }
    const { code, stderr, stdout } = await typed(call);
    expect({ call, code, stderr, stdout }).toMatchObject({ call, code: 0, stderr: '' });
  }
}, 240_000);

it('names every verb, and every flag of a restart and of a schedule', async () => {
  const page = readFileSync(PAGE, 'utf8');
  for (const verb of [[], ['schedule']]) {
    const help = await callCli([...verb, '--help']);
    const names = [...help.stdout.matchAll(/^ {2}([a-z]+) (?:\[|<|  )/gm)].map(([, name]) => name!);
    for (const name of names.filter((known) => known !== 'help')) {
      expect(page).toContain(`modelarts-restarter ${[...verb, name].join(' ')}`);
    }
  }
  for (const verb of [['restart'], ['schedule', 'create']]) {
    const help = await callCli([...verb, '--help']);
    const flags = [...help.stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, f]) => f!);
    expect(flags.length).toBeGreaterThan(10);
    for (const flag of flags) expect(page).toContain(flag);
  }
});

import { restartId } from '../../src/domain/ids.js';
import { startCliInTerminal } from '../cli/cli-process.js';
import { screen } from './screen.js';
import { openCliStage, QUICK, type CliStage } from '../cli/cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage({ list: true });
});
afterAll(() => stage.close());

const slow = {
  restart: [
    { afterMs: 0, status: 7 },
    { afterMs: 2_500, status: 8 },
  ],
};

/** The control sequences that are looked for, written so that they can be read. */
const ESCAPE = String.fromCodePoint(27);
const sequence = (rest: string) => new RegExp(`${ESCAPE}\\[${rest}`);

it('shows a spinner with the time while it waits, and leaves a line per status', async () => {
  stage.simulator.addJob({ jobId: '81', status: 12, timelines: slow });
  const call = startCliInTerminal(['restart', '81', ...QUICK], stage.variables);
  const { code, stdout } = await call.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] WAITING for \d+s · \d+s in all/);
  const left = screen(stdout).filter((line) => line !== '');
  expect(left).toHaveLength(6);
  expect(left[0]).toMatch(/\+0\.0s  KILLED$/);
  expect(left[1]).toMatch(/ModelArts took the restart$/);
  expect(left[2]).toMatch(/KILLED → WAITING$/);
  expect(left[3]).toMatch(/WAITING → RUNNING$/);
  expect(left[4]).toMatch(/^✓ job 81 is running after/);
  expect(left[5]).toMatch(/^ {2}https:/);
  // The cursor is given back.
  expect(stdout.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001B[?25l'));
});

it('shows a bar with counts, and a line for each of several jobs', async () => {
  for (const jobId of ['82', '83']) stage.simulator.addJob({ jobId, status: 12, timelines: slow });
  const call = startCliInTerminal(['restart', '82', '83', ...QUICK], stage.variables);
  const { code, stdout } = await call.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/░+ 0\/2 · 0 up · 0 not · 2 under way/);
  expect(stdout).toMatch(/82  \S WAITING for/);
  expect(stdout).toMatch(/83  \S WAITING for/);
  expect(screen(stdout).join('\n')).toContain('2 of 2 got there');
});

it('takes no colours where NO_COLOR is set', async () => {
  stage.simulator.addJob({ jobId: '84', status: 8 });
  const call = startCliInTerminal(['restart', '84', ...QUICK], {
    ...stage.variables,
    NO_COLOR: '1',
  });
  const { code, stdout } = await call.ended;
  expect(code).toBe(1);
  expect(stdout).not.toMatch(sequence('\\d+m'));
});

it('ends with 130 on Ctrl-C, gives the cursor back and says how to go on', async () => {
  stage.simulator.addJob({ jobId: '85', status: 12, timelines: { restart: [] } });
  const args = ['restart', '85', '--settle-time', '10m'];
  const call = startCliInTerminal(args, stage.variables);
  await call.says('ModelArts took the restart');
  call.process.stdin!.write('\u0003');
  const { code, stdout } = await call.ended;
  expect(code).toBe(130);
  expect(stdout).toContain('goes on');
  expect(stdout).toContain('\u001B[?25h');
  // The terminal has echoed ^C below the spinner. Both are taken back.
  expect(stdout).toContain('^C');
  expect(screen(stdout).filter((line) => /\^C|[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(line))).toEqual([]);
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '85'));
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
});

describe('for many jobs', () => {
  const jobIds = Array.from({ length: 11 }, (_, index) => String(9_000 + index));
  beforeAll(() => {
    for (const jobId of jobIds) stage.simulator.addJob({ jobId, status: 12, timelines: slow });
  });

  it('asks before more than ten, and starts nothing where the answer is no: exit code 1', async () => {
    const call = startCliInTerminal(['restart', ...jobIds, ...QUICK], stage.variables);
    await call.says('Restart 11 jobs? [y/N] ');
    call.process.stdin!.write('n\r');
    const { code, stdout } = await call.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('Nothing was started.');
    expect(stage.simulator.requests({ operation: 'restart' })).not.toContainEqual(
      expect.objectContaining({ jobId: jobIds[0] }),
    );
  });

  it.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 1],
  ])('starts nothing on %s at the question', async (_, key, expected) => {
    const args = ['restart', '--all', ...QUICK];
    const call = startCliInTerminal(args, stage.variables);
    await call.says('How many is not known here');
    await call.says('[y/N] ');
    call.process.stdin!.write(key);
    const { code, stdout } = await call.ended;
    expect(code).toBe(expected);
    expect(stdout).toContain('Nothing was started.');
  });

  it('counts a selection where ModelArts can be asked', async () => {
    const args = ['restart', '--search', 'job-90', ...QUICK];
    const call = startCliInTerminal(args, stage.withModelArts);
    await call.says('Restart 11 jobs? [y/N] ');
    call.process.stdin!.write('no\r');
    expect((await call.ended).code).toBe(1);
  });

  it('does not ask with --yes; shows one bar with counts, and failures as they come', async () => {
    stage.simulator.addJob({ jobId: '9100', status: 8 });
    const args = ['restart', ...jobIds, '9100', '--yes', '--name', 'bar', ...QUICK];
    const call = startCliInTerminal(args, stage.variables);
    const { code, stdout } = await call.ended;
    expect(code).toBe(1);
    expect(stdout).not.toContain('[y/N]');
    expect(stdout).toMatch(/░+ 1\/12 · 1 refused · 11 under way/);
    expect(stdout).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] under way: 9000 9001 /);
    const left = screen(stdout).filter((line) => line !== '');
    expect(left).toEqual([
      expect.stringMatching(/^batch restarts:.*:bar$/),
      '12 jobs to restart',
      expect.stringMatching(/^✗ job 9100: ModelArts\.0105/),
      'JOB   OUTCOME  CODE',
      '9100  refused  ModelArts.0105',
      '11 of 12 got there',
    ]);
  });
});

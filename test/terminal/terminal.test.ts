import { restartId } from '../../src/domain/ids.js';
import { startCliInTerminal } from '../cli/cli-process.js';
import { openCliStage, QUICK, type CliStage } from '../cli/cli-stage.js';

let stage: CliStage;
beforeAll(async () => {
  stage = await openCliStage();
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
const sequence = (rest: string, flags = '') => new RegExp(`${ESCAPE}\\[${rest}`, flags);

/** What is left on the screen: each erasure takes its lines away. */
function screen(output: string): string[] {
  const lines = [''];
  for (const part of output.split(new RegExp(`(\\r${ESCAPE}\\[\\d+A${ESCAPE}\\[0J|\\r?\\n)`))) {
    const erased = sequence('(\\d+)A').exec(part)?.[1];
    if (erased !== undefined) lines.splice(lines.length - 1 - Number(erased), Infinity, '');
    else if (/^\r?\n$/.test(part)) lines.push('');
    else lines[lines.length - 1] += part;
  }
  return lines.map((line) => line.replaceAll(sequence('[\\d;?]*[a-zA-Z]', 'g'), ''));
}

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
  // The terminal has echoed ^C, so the spinner's line is taken back from its first column on.
  expect(stdout).toContain('^C\r\u001B[1A\u001B[0J');
  const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '85'));
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
});

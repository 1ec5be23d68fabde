import { restartId } from '../../src/domain/ids.js';
import { openCliStage, type CliStage } from '../cli/cli-stage.js';
import { Terminal } from './tmux.js';

let stage: CliStage;
const terminals: Terminal[] = [];
beforeAll(async () => {
  stage = await openCliStage();
});
afterAll(async () => {
  for (const terminal of terminals) terminal.close();
  await stage.close();
});

const slow = {
  restart: [
    { afterMs: 0, status: 7 },
    { afterMs: 3_000, status: 8 },
  ],
};
const quick = '--poll-interval 1s --settle-time 2s';

/** Opens a terminal whose shell waits for a line: what is typed sooner stands before its prompt. */
async function open(columns: number, rows: number): Promise<Terminal> {
  const terminal = new Terminal(columns, rows, stage.variables);
  terminals.push(terminal);
  await terminal.shows(/^\$$/);
  return terminal;
}

/** What stands between the call and the line that tells its exit code. */
function left(screen: string[]): string[] {
  const call = screen.findIndex((line) => line.startsWith('$ '));
  return screen.slice(
    call + 1,
    screen.findIndex((line) => line.startsWith('ended with')),
  );
}

describe('in a terminal of tmux', () => {
  it('a spinner that takes itself back leaves a line per status and the shell’s prompt', async () => {
    stage.simulator.addJob({ jobId: '86', status: 12, timelines: slow });
    const terminal = await open(100, 24);
    terminal.call(`restart 86 ${quick}`);
    await terminal.shows(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] WAITING for \d+s · \d+s in all$/);
    expect(terminal.cursorIsShown()).toBe(false);
    const screen = await terminal.shows(/^ended with 0$/);
    expect(left(screen)).toEqual([
      expect.stringMatching(/^ {3}\+0\.0s {2}KILLED$/),
      expect.stringMatching(/ModelArts took the restart$/),
      expect.stringMatching(/KILLED → WAITING$/),
      expect.stringMatching(/WAITING → RUNNING$/),
      expect.stringMatching(/^✓ job 86 is running after \d+s$/),
      expect.stringMatching(/^ {2}https:\/\/\S+$/),
    ]);
    await terminal.shows(/^\$$/);
    expect(terminal.cursorIsShown()).toBe(true);
  });

  it('in a narrow one of few rows too, with more jobs than it has room for', async () => {
    const jobIds = ['871', '872', '873', '874', '875', '876'];
    for (const jobId of jobIds) {
      stage.simulator.addJob({ jobId, status: 12, timelines: slow });
    }
    const terminal = await open(30, 6);
    // What is typed before the shell has cleared the screen would be wiped from it too.
    terminal.type('clear; echo cleared');
    await terminal.shows(/^cleared$/);
    await terminal.shows(/^\$$/);
    terminal.call(`restart ${jobIds.join(' ')} ${quick}`);
    await terminal.shows(/░ 0\/6 ·/);
    await terminal.shows(/^ended with 0$/);
    const history = terminal.scrolledBack();
    for (const jobId of jobIds) {
      const lines = history.filter((line) => line.startsWith(jobId));
      expect(lines.map((line) => line.replace(/^\d+ +\S+ +/, ''))).toEqual([
        'KILLED',
        'ModelArts took the restart',
        'KILLED → WAITING',
        'WAITING → RUNNING',
      ]);
      expect(history.filter((line) => line.startsWith(`✓ job ${jobId} is running`))).toHaveLength(
        1,
      );
    }
    expect(history.filter((line) => /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏░█]/.test(line))).toEqual([]);
  });

  it('leaves no frame in what was scrolled out, where it begins at the top of a cleared terminal', async () => {
    for (const jobId of ['891', '892']) {
      stage.simulator.addJob({ jobId, status: 12, timelines: slow });
    }
    const terminal = await open(100, 24);
    terminal.call(`restart 891 892 ${quick}`, 'clear; ');
    await terminal.shows(/░ 0\/2 ·/);
    await terminal.shows(/^ended with 0$/);
    const history = terminal.scrolledBack();
    expect(history.filter((line) => line.startsWith('✓ job 89'))).toHaveLength(2);
    expect(history.filter((line) => /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏░█]/.test(line))).toEqual([]);
  });

  it('Ctrl-C gives the prompt back, and the restart goes on', async () => {
    stage.simulator.addJob({ jobId: '88', status: 12, timelines: { restart: [] } });
    const terminal = await open(100, 24);
    terminal.call('restart 88 --settle-time 10m');
    await terminal.shows(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] KILLED for/);
    terminal.press('C-c');
    const screen = await terminal.shows(/^ended with 130$/);
    expect(screen.join('\n')).toContain('goes on');
    expect(screen.filter((line) => /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(line))).toEqual([]);
    expect(terminal.cursorIsShown()).toBe(true);
    const handle = stage.client.workflow.getHandle(restartId(stage.projectId, '88'));
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  });
});

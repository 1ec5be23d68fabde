import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { alone } from '../../scripts/lock.mjs';
import { inCache } from '../../scripts/project.mjs';

const NAME = `test-${process.pid}`;
const LOCK = inCache('locks', NAME);

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'lock-'))));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(LOCK, { force: true });
});

test('processes that do the same do it one after the other', async () => {
  const log = path.join(folder, 'log');
  const module = pathToFileURL(path.resolve(__dirname, '../../scripts/lock.mjs')).href;
  const script = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { alone } from ${JSON.stringify(module)};
    await alone(${JSON.stringify(NAME)}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ');
      await sleep(100);
      appendFileSync(${JSON.stringify(log)}, 'out ');
    });`;
  const codes = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise((resolve) =>
          spawn(process.execPath, ['--input-type=module', '-e', script]).on('exit', resolve),
        ),
    ),
  );
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(log, 'utf8')).toBe('in out in out in out ');
});

test('a lock whose owner is gone is taken over', async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  mkdirSync(path.dirname(LOCK), { recursive: true });
  writeFileSync(LOCK, String(gone));
  expect(await alone(NAME, async () => readFileSync(LOCK, 'utf8'))).toBe(String(process.pid));
});

test('work that fails gives its lock back', async () => {
  await expect(alone(NAME, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(LOCK)).toBe(false);
});

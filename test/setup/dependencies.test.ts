import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultyPackages } from '../../scripts/dependencies.mjs';

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'dependencies-'));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(name: string, content: unknown, mode = 0o644): string {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode });
  return file;
}

const LIST = {
  packages: {
    'node_modules/ky': { version: '1.14.3' },
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/zod/node_modules/inner': { version: '1.0.0' },
  },
};

test('a package that is listed but not there, or of another version, is found', async () => {
  write('node_modules/ky/package.json', { version: '1.14.3' });
  write('node_modules/zod/package.json', { version: '4.0.0' });
  expect(await faultyPackages(LIST, project)).toEqual([
    'node_modules/zod is 4.0.0, not 4.6.7',
    'node_modules/zod/node_modules/inner 1.0.0 is missing',
  ]);
});

describe('with an npm that exits with 0', () => {
  /** Runs the set-up of a project whose npm does what is given, in a folder of its own. */
  function setUp(npm: string) {
    cpSync(path.join(__dirname, '..', '..', 'scripts'), path.join(project, 'scripts'), {
      recursive: true,
    });
    write('package.json', { type: 'module', engines: { node: '>=20' } });
    write('package-lock.json', { packages: { '': {}, ...LIST.packages } });
    const cli = write(
      'temporal',
      '#!/bin/sh\necho "temporal version 9.9.9 (Server 9, UI 9)"\n',
      0o755,
    );
    const script = write('npm.cjs', npm);
    const { status, stderr } = spawnSync(process.execPath, ['scripts/set-up.mjs'], {
      cwd: project,
      env: { ...process.env, npm_execpath: script, TEMPORAL_CLI_PATH: cli },
      encoding: 'utf8',
    });
    return { status, stderr };
  }

  const INSTALL = `
    const { mkdirSync, writeFileSync } = require('node:fs');
    const list = ${JSON.stringify(LIST)};
    const install = (folder) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(folder + '/package.json', JSON.stringify(list.packages[folder]));
    };
    mkdirSync('node_modules', { recursive: true });
    writeFileSync('node_modules/.package-lock.json', JSON.stringify(list));`;

  test('and installs a part, the set-up says what is missing, and what to do', () => {
    const { status, stderr } = setUp(`${INSTALL} install('node_modules/ky');`);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'npm ci ended without an error, but not everything is installed: ' +
        'node_modules/zod 4.6.7 is missing; node_modules/zod/node_modules/inner 1.0.0 is missing. ' +
        'Delete node_modules and run npm ci.',
    );
  });

  test('and does nothing, the set-up says so', () => {
    const { status, stderr } = setUp('');
    expect(status).toBe(2);
    expect(stderr).toContain('node_modules/.package-lock.json is missing');
  });

  test('and installs everything, the set-up is done; and again where a package gets lost', () => {
    const all = `${INSTALL} Object.keys(list.packages).forEach(install);`;
    expect(setUp(all)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('npm ci: done'),
    });
    expect(setUp(all)).toMatchObject({ status: 0, stderr: expect.not.stringContaining('npm ci') });
    rmSync(path.join(project, 'node_modules', 'ky'), { recursive: true });
    expect(setUp(all)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('npm ci: done'),
    });
  });
});

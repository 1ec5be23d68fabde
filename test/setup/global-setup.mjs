import { existsSync } from 'node:fs';
import { buildTestBundle } from '../../scripts/build.mjs';
import { startDevServer } from '../../scripts/dev-server.mjs';
import { inRoot } from '../../scripts/project.mjs';
import { setUpTemporalCli } from '../../scripts/set-up.mjs';

/**
 * One Temporal server and one workflow bundle for all test files, which find them in
 * `TEST_TEMPORAL_ADDRESS` and `TEST_WORKFLOW_BUNDLE`, and Temporal's own command line in
 * `TEST_TEMPORAL_CLI`.
 *
 * `JEST_NO_SERVER=1` does without, for tests that need neither.
 */
export default async function globalSetup() {
  if (process.env['JEST_NO_SERVER'] === '1') return;
  if (!existsSync(inRoot('src', 'workflows', 'index.ts'))) return;

  const cli = setUpTemporalCli();
  const [server, bundle] = await Promise.all([
    cli.then((program) => startDevServer({ cli: program })),
    buildTestBundle(),
  ]);
  process.env['TEST_TEMPORAL_CLI'] = await cli;
  process.env['TEST_TEMPORAL_ADDRESS'] = server.address;
  process.env['TEST_WORKFLOW_BUNDLE'] = bundle;
  // Jest loads the teardown separately: what it needs is handed over here. The server's own guard
  // ends it where the teardown never comes.
  Object.assign(globalThis, { closeTestServer: server.close });
}

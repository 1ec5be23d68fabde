import { existsSync } from 'node:fs';
import { build, buildTestBundles, buildTools } from '../../scripts/build.mjs';
import { startDevServer } from '../../scripts/dev-server.mjs';
import { inCache, inRoot } from '../../scripts/project.mjs';
import { setUpTemporalCli } from '../../scripts/set-up.mjs';

/**
 * One Temporal server and one workflow bundle for all test files, which find them in
 * `TEST_TEMPORAL_ADDRESS` and `TEST_WORKFLOW_BUNDLE`, Temporal's own command line in
 * `TEST_TEMPORAL_CLI`, the workflows of another program in `TEST_CALLERS_BUNDLE`, and those of a
 * release to come in `TEST_NEXT_BUNDLE`. `dist/` is built from the very files.
 *
 * `JEST_NO_SERVER=1` does without, for tests that need none of it.
 */
export default async function globalSetup() {
  if (process.env['JEST_NO_SERVER'] === '1') return;
  if (!existsSync(inRoot('src', 'workflows', 'index.ts'))) return;

  const cli = setUpTemporalCli();
  const [server, bundles] = await Promise.all([
    cli.then((program) => startDevServer({ cli: program })),
    build().then(buildTools).then(buildTestBundles),
  ]);
  process.env['TEST_HEARD'] = inCache('test', `heard-${process.pid}`);
  process.env['TEST_TEMPORAL_CLI'] = await cli;
  process.env['TEST_TEMPORAL_ADDRESS'] = server.address;
  process.env['TEST_WORKFLOW_BUNDLE'] = inRoot('dist', 'workflow-bundle.cjs');
  process.env['TEST_CALLERS_BUNDLE'] = bundles.callers;
  process.env['TEST_NEXT_BUNDLE'] = bundles.next;
  // Jest loads the teardown separately: what it needs is handed over here. The server's own guard
  // ends it where the teardown never comes.
  Object.assign(globalThis, { closeTestServer: server.close });
}

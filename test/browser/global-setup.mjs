import { startDevServer } from '../../scripts/dev-server.mjs';
import { setUpTemporalCli } from '../../scripts/set-up.mjs';

/** Jest’s global setup for test/browser/: one Temporal server with its UI for all files, which find them in `TEST_TEMPORAL_ADDRESS` and `TEST_TEMPORAL_UI`. */
export default async function globalSetup() {
  const server = await startDevServer({ cli: await setUpTemporalCli(), ui: true });
  process.env['TEST_TEMPORAL_ADDRESS'] = server.address;
  process.env['TEST_TEMPORAL_UI'] = server.uiUrl;
  // For the teardown, which Jest loads separately.
  Object.assign(globalThis, { closeTestServer: server.close });
}

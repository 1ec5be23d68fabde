/** Downloads the Temporal CLI into a folder. The SDK can only do that by starting a server. Run by temporal-cli.mjs. */
import { Runtime, DefaultLogger } from '@temporalio/worker';
import { TestWorkflowEnvironment } from '@temporalio/testing';

const downloadDir = process.argv[2];
if (downloadDir === undefined) throw new Error('usage: sdk-download.mjs <folder>');

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'cached-download', downloadDir, ttl: '1000 days' },
      log: { format: 'pretty', level: 'error' },
    },
  });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

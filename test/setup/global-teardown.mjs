import { writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { scanHistories } from './canaries.mjs';

/**
 * Ends the Temporal server of the tests. Before that, searches all that they have left there for credentials if
 * `TEST_SCAN_REPORT` names a file for what was found.
 */
export default async function globalTeardown() {
  const { closeTestServer } = /** @type {{ closeTestServer?: () => Promise<void> }} */ (globalThis);
  const { TEST_SCAN_REPORT: report, TEST_TEMPORAL_ADDRESS: address = '' } = process.env;
  try {
    if (closeTestServer !== undefined && report !== undefined) {
      const connection = await Connection.connect({ address });
      await writeFile(report, JSON.stringify(await scanHistories(new Client({ connection }))));
      await connection.close();
    }
  } finally {
    await closeTestServer?.();
  }
}

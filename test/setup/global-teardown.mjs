import { readFile, rm, writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { scanHistories } from './canaries.mjs';

/**
 * Ends the Temporal server of the tests. Before that, searches all that they have left there for credentials if
 * `TEST_SCAN_REPORT` names a file for what was found. What programs have shown (`TEST_HEARD`) is added.
 */
export default async function globalTeardown() {
  const { closeTestServer } = /** @type {{ closeTestServer?: () => Promise<void> }} */ (globalThis);
  if (closeTestServer === undefined) return;
  const { TEST_SCAN_REPORT: report, TEST_HEARD: heard = '' } = process.env;
  try {
    if (report !== undefined) {
      const found = await scanServer();
      const shown = await readFile(heard, 'utf8').catch(() => '');
      found.leaks.push(...shown.split('\n').filter(Boolean));
      await writeFile(report, JSON.stringify(found));
    }
  } finally {
    await rm(heard, { force: true });
    await closeTestServer();
  }
}

/** Searches the histories of all namespaces. */
async function scanServer() {
  const { TEST_TEMPORAL_ADDRESS: address = '' } = process.env;
  const connection = await Connection.connect({ address });
  const all = { workflows: 0, events: 0, planted: 0, leaks: /** @type {string[]} */ ([]) };
  try {
    const { namespaces } = await connection.workflowService.listNamespaces({ pageSize: 1_000 });
    for (const { namespaceInfo } of namespaces ?? []) {
      const found = await scanHistories(
        new Client({ connection, namespace: namespaceInfo?.name ?? '' }),
      );
      all.workflows += found.workflows;
      all.events += found.events;
      all.planted += found.planted;
      all.leaks.push(...found.leaks);
    }
  } finally {
    await connection.close();
  }
  return all;
}

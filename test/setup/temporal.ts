import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { WorkflowBundle } from '@temporalio/worker';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { calling } from '../../src/client/temporal-call.js';

/**
 * Connects to the Temporal server that all test files share. Close it with `teardown()` in
 * `afterAll`: that ends the connection, not the server.
 */
export async function connectToTestServer(): Promise<TestWorkflowEnvironment> {
  const address = temporalAddress();
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address });
  // From its first call on, the client keeps the SDK's late attempts from throwing after the end of the
  // connection, where nobody could catch it. Tests call Temporal without it too.
  await calling(env.client, () => env.client.workflowService.getSystemInfo({}));
  return env;
}

/** Where the shared server is. */
export const temporalAddress = (): string => fromSetup('TEST_TEMPORAL_ADDRESS');

/** The workflows of `src/workflows/`, bundled once for all test files. */
export const testWorkflowBundle = (): WorkflowBundle => bundleIn('TEST_WORKFLOW_BUNDLE');

/** The workflows of `test/nexus/callers.ts`, bundled once too. */
export const callersBundle = (): WorkflowBundle => bundleIn('TEST_CALLERS_BUNDLE');

/** The path of the workflows of a release to come: those of `test/e2e/next-workflows.ts`. */
export const nextBundle = (): string => fromSetup('TEST_NEXT_BUNDLE');

const bundleIn = (name: string): WorkflowBundle => ({
  code: readFileSync(fromSetup(name), 'utf8'),
});

/** The path of Temporal's own command line, `temporal`. */
export const temporalCli = (): string => fromSetup('TEST_TEMPORAL_CLI');

/** A task queue that no other test listens on. */
export const uniqueTaskQueue = (name = 'test'): string => `${name}-${randomUUID()}`;

function fromSetup(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(
      `${name} is not set: Jest's global setup (test/setup/global-setup.mjs) started no server.`,
    );
  }
  return value;
}

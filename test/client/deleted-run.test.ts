import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { followBatch, RestartNotFoundError } from '../../src/client/index.js';

/*
 * Temporal deletes each run of a batch some days after its end. To have one deleted takes the dev server half a
 * minute, so a client that answers as it does stands in.
 */

const WORKFLOW_ID = 'restarts:ab0123456789cdef0123456789abcdef:all';

const PROGRESS = {
  phase: 'restarting',
  total: 3,
  startedAt: '2026-01-01T00:00:00.000Z',
} as const;
const OUTCOME = { ...PROGRESS, running: 3, refused: 0, outcomes: [] };

/** A client of a Temporal that has deleted all runs but the newest, whose chain began with this run. */
function clientWhere(firstRunId: string): Client {
  const pass = (_: unknown, call: () => unknown): unknown => call();
  const getHandle = (workflowId: string, runId?: string) => ({
    workflowId,
    result: async () => {
      if (runId === 'first') throw new WorkflowNotFoundError('gone', workflowId, runId);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return OUTCOME;
    },
    query: () => Promise.resolve(PROGRESS),
    describe: () =>
      Promise.resolve({ runId: 'newest', raw: { workflowExecutionInfo: { firstRunId } } }),
  });
  const connection = { withDeadline: pass, withAbortSignal: pass };
  const client = { options: { namespace: 'default' }, connection, workflow: { getHandle } };
  return client as unknown as Client;
}

async function phasesOf(client: Client): Promise<string[]> {
  const phases: string[] = [];
  const batch = { workflowId: WORKFLOW_ID, runId: 'first' };
  for await (const { phase } of followBatch(client, batch, { everyMs: 20 })) phases.push(phase);
  return phases;
}

test('a batch is followed to its end by its first run, which is deleted', async () => {
  expect((await phasesOf(clientWhere('first'))).at(-1)).toBe('done');
});

test('a later batch of the same name is not taken for it', async () => {
  await expect(phasesOf(clientWhere('other'))).rejects.toThrow(RestartNotFoundError);
});

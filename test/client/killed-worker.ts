import type { Client } from '@temporalio/client';

/** Lets Temporal see a worker on a task queue that asks for work once, and is gone then without a word. */
export async function seeKilledWorker(
  client: Client,
  taskQueue: string,
  identity = 'killed',
): Promise<void> {
  const dying = new AbortController();
  const { connection, workflowService } = client;
  const poll = connection.withDeadline(Date.now() + 60_000, () =>
    connection.withAbortSignal(dying.signal, () =>
      workflowService.pollWorkflowTaskQueue({
        namespace: 'default',
        taskQueue: { name: taskQueue },
        identity,
      }),
    ),
  );
  setTimeout(() => dying.abort(), 300);
  await poll.catch(() => undefined);
}

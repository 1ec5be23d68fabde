import { WorkflowNotFoundError } from '@temporalio/client';
import { inParallel } from '../in-parallel.js';
import type { Kit } from '../kit.js';
import { jobIds } from '../restarts.js';
import { onOneself, setStage, type Server, type Stage } from '../stage.js';

/** What a part of the benchmark works with: a simulator of its own, and a server that it shares. */
export interface Scene {
  kit: Kit;
  stage: Stage;
  /** As many as the part has been given. None of them is known to the simulator yet. */
  ids: readonly string[];
  /** How many times faster than in reality the time of a limited gateway passes. */
  scale: number;
  /** The program of another build's worker, if there is one to compare with. */
  against?: string;
}

/** Sets a scene, lets `work` play in it, and ends all that was started for it. */
export async function onScene<T>(
  kit: Kit,
  server: Server,
  { jobs, ...how }: { jobs: number } & Pick<Scene, 'scale' | 'against'>,
  work: (scene: Scene) => Promise<T>,
): Promise<T> {
  const closing: (() => Promise<void>)[] = [];
  const own: Kit = {
    ...kit,
    atEnd(close) {
      let closed: Promise<void> | undefined;
      const once = (): Promise<void> => (closed ??= close());
      closing.push(once);
      // The whole benchmark may be interrupted.
      kit.atEnd(once);
    },
  };
  try {
    const stage = onOneself(await setStage(own, server));
    try {
      return await work({ kit: own, stage, ids: jobIds(jobs), ...how });
    } finally {
      await endWorkflows(stage);
    }
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

const AT_ONCE = 50;

/** Ends what a part has left under way, because the server may be one that stays up. */
export async function endWorkflows({ client, taskQueue }: Stage): Promise<void> {
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  const open: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    open.push({ workflowId, runId });
  }
  await inParallel(open, AT_ONCE, async ({ workflowId, runId }) => {
    const handle = client.workflow.getHandle(workflowId, runId);
    await handle.terminate('measured').catch((error: unknown) => {
      // It has ended in the meantime.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
  });
}

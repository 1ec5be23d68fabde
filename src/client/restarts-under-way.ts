import type { Client } from '@temporalio/client';
import { defined } from '../domain/defined.js';
import { jobInId } from '../domain/ids.js';
import { RESTART_WORKFLOW } from '../names.js';
import { type BatchOfRestart, batchOf } from './batch-of-restart.js';
import { calling, isInvalidArgument } from './temporal-call.js';

/** A restart under way, as Temporal's list shows it. */
export interface RestartUnderWay {
  workflowId: string;
  runId: string;
  startedAt: string;
  batch?: BatchOfRestart;
}

/**
 * Finds the restarts under way of a project, by job id, with one listing however many there are.
 * Temporal's lists lag behind by a moment.
 */
export async function restartsUnderWay(
  client: Client,
  projectId: string,
): Promise<Map<string, RestartUnderWay>> {
  const running = `WorkflowType = '${RESTART_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  try {
    return await list(
      client,
      projectId,
      `${running} AND WorkflowId STARTS_WITH 'restart:${projectId}:'`,
    );
  } catch (error) {
    // Old servers do not know the operator.
    if (!isInvalidArgument(error)) throw error;
    return list(client, projectId, running);
  }
}

function list(
  client: Client,
  projectId: string,
  query: string,
): Promise<Map<string, RestartUnderWay>> {
  return calling(client, async () => {
    const found = new Map<string, RestartUnderWay>();
    for await (const info of client.workflow.list({ query, pageSize: 1_000 })) {
      const job = jobInId(info.workflowId);
      if (job?.projectId !== projectId) continue;
      const { workflowId, runId, startTime } = info;
      found.set(job.jobId, {
        workflowId,
        runId,
        startedAt: startTime.toISOString(),
        ...defined({ batch: batchOf(info) }),
      });
    }
    return found;
  });
}

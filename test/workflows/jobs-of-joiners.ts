import { restartId } from '../../src/domain/ids.js';
import type { Stage } from '../setup/stage.js';

/** After the restart: WAITING, and no further. */
export const STARTING = [{ afterMs: 0, status: 7 }];

/** The input of a restart whose job moves when the test says so. */
export const input = (jobId: string) => ({
  jobId,
  pollInterval: '1s',
  timeout: '30s',
  settleTime: '2s',
});

/** Adds a job that goes to WAITING by a restart, and stays there. */
export function addJob({ simulator }: Stage, jobId: string, status = 12): void {
  simulator.addJob({ jobId, status, timelines: { restart: STARTING } });
}

/** *The* restart of a job. */
export const restartOf = ({ client, projectId }: Stage, jobId: string) =>
  client.workflow.getHandle(restartId(projectId, jobId));

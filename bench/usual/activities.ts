import type { JobRef } from '../../src/domain/ids.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import { notYet } from './not-yet.js';

export interface UsualActivities {
  lookOnce(job: JobRef, pollIntervalMs: number): Promise<number>;
}

const RUNNING = 8;

/** The usual way to wait, with the client of the worker that it is compared with. */
export function usualActivities(modelarts: ModelArtsClient): UsualActivities {
  return {
    async lookOnce(job, pollIntervalMs) {
      const answer = await modelarts.detail(job);
      if (answer.kind === 'read' && answer.value.status.code === RUNNING) return RUNNING;
      throw notYet('the job is not up yet', pollIntervalMs);
    },
  };
}

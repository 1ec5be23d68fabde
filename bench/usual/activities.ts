import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { JobRef } from '../../src/domain/ids.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';

export interface UsualActivities {
  lookOnce(job: JobRef, pollIntervalMs: number): Promise<number>;
}

const RUNNING = 8;

/** The usual pattern, made cheap: its failure is benign, so not logged, and has no stack. */
export function usualActivities(modelarts: ModelArtsClient): UsualActivities {
  return {
    async lookOnce(job, pollIntervalMs) {
      const answer = await modelarts.detail(job);
      if (answer.kind === 'read' && answer.value.status.code === RUNNING) return RUNNING;
      const failure = ApplicationFailure.create({
        type: 'NotYet',
        message: 'the job is not up yet',
        nextRetryDelay: pollIntervalMs,
        category: ApplicationFailureCategory.BENIGN,
      });
      failure.stack = '';
      throw failure;
    },
  };
}

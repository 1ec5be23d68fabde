import type { Client } from '@temporalio/client';
import type { StatusFeed } from '../feed/index.js';
import type { ModelArtsClient } from '../modelarts/index.js';
import type { RestartActivities, WorkerFacts } from './activities.js';
import { followRestart, updateRestart } from './join.js';
import { lookAtJob } from './look.js';
import { sendRequest } from './request.js';
import { waitForStatusChange } from './wait.js';

/** What the activities are made of. */
export interface ActivityParts {
  modelarts: ModelArtsClient;
  feed: StatusFeed;
  temporal: Client;
  /** Told to the workflows with each first look. */
  facts: () => WorkerFacts;
  /** Aborts when the worker begins to stop: what stays is handed over. */
  stopping: AbortSignal;
}

/** Makes the activities that a worker registers. */
export function createActivities(parts: ActivityParts): RestartActivities {
  const { modelarts, feed, temporal, facts, stopping } = parts;
  return {
    describeWorker: async () => facts(),
    lookAtJob: async (input) => ({
      look: await lookAtJob(modelarts, input),
      worker: facts(),
    }),
    requestRestart: (input) =>
      sendRequest((job, options) => modelarts.restart(job, options), input),
    requestStop: (input) => sendRequest((job, options) => modelarts.stop(job, options), input),
    waitForStatusChange: (input) => waitForStatusChange(feed, modelarts.requestTimeoutMs, input),
    followRestart: (input) => followRestart(temporal, stopping, input),
    updateRestart: (input) => updateRestart(temporal, stopping, input),
  };
}

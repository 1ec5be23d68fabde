/**
 * Loaded before a worker (`node --import`): gives it eleven slots for activities, so that ten waits take nearly all.
 * Its own number is in the thousands.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const { Worker } = await import('@temporalio/worker');
  const create = Worker.create.bind(Worker);
  Worker.create = (options) => create({ ...options, maxConcurrentActivityTaskExecutions: 11 });
}

import type { JobRef, RequestAnswer } from '../domain/answer.js';
import type { RequestInput } from './activities.js';
import { heartbeatWhile } from './heartbeat.js';

/** Sends a request once, or not at all when its time to be sent has passed. */
export async function sendRequest(
  send: (job: JobRef, options: { sendBy: number }) => Promise<RequestAnswer>,
  { job, sendByMs }: RequestInput,
): Promise<RequestAnswer> {
  if (Date.now() >= sendByMs) {
    return {
      kind: 'not-sent',
      error: { message: 'the worker got to it too late to send it, by its own clock' },
    };
  }
  return heartbeatWhile(() => send(job, { sendBy: sendByMs }));
}

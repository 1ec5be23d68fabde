import { activityInfo } from '@temporalio/activity';
import type { JobRef } from '../../src/domain/ids.js';
import { notYet } from './not-yet.js';
import { pauseMs, type Pace } from './pace.js';
import { THROTTLED, type PlainClient } from './plain-client.js';

/** Each is repeated by Temporal while the gateway throttles it. */
export interface RestartActivities {
  request(job: JobRef, pace: Pace): Promise<void>;
  /** Looks once per attempt, and fails while the job is not up. */
  lookUntilUp(job: JobRef, pace: Pace): Promise<number>;
  /** Returns the job's status. */
  look(job: JobRef, pace: Pace): Promise<number>;
  nothing(): Promise<void>;
}

const RUNNING = 8;

/** The activities of the usual patterns. */
export function restartActivities(client: PlainClient): RestartActivities {
  /** Job → how many looks in a row were throttled. An attempt does not know the ones before it. */
  const throttles = new Map<string, number>();

  /** For activities of which only throttled attempts are repeated. */
  async function once<T>(call: Promise<T | typeof THROTTLED>, pace: Pace): Promise<T> {
    const answer = await call;
    if (answer === THROTTLED) throw notYet('throttled', pauseMs(pace, activityInfo().attempt));
    return answer;
  }

  return {
    async request(job, pace) {
      await once(client.restart(job), pace);
    },
    async lookUntilUp(job, pace) {
      const status = await client.look(job);
      if (status === RUNNING) return status;
      const inARow = status === THROTTLED ? (throttles.get(job.jobId) ?? 0) + 1 : 0;
      throttles.set(job.jobId, inARow);
      throw notYet('the job is not up yet', inARow > 0 ? pauseMs(pace, inARow) : pace.pollMs);
    },
    look: (job, pace) => once(client.look(job), pace),
    nothing: () => Promise.resolve(),
  };
}

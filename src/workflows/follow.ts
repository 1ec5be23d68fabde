import { log } from '@temporalio/workflow';
import type { Reading, ServiceError } from '../domain/answer.js';
import { judge, mayBeOld } from '../domain/judge.js';
import { isStartingOrUp } from '../domain/status.js';
import type { Ending } from './record.js';
import type { RestartRun } from './run.js';

/** What is followed: how the request stands, and what its readings are told by. */
export interface Followed {
  /** `attached`: there was no request; `unsure`: it is not known whether it was taken. */
  request: 'accepted' | 'unsure' | 'attached';
  /** The status right before the request; absent where a first look was all there was. */
  baseline?: number;
  /** When the request was answered, in milliseconds since the epoch. */
  askedAtMs: number;
  /** What makes it unsure. */
  error?: ServiceError;
}

/** An unsure request that moved nothing while its settle time passed. */
export type Unmoved = 'unmoved';

/** Follows the job through its changes until one of them, or the deadline, decides. */
export async function follow(run: RestartRun, followed: Followed): Promise<Ending | Unmoved> {
  const { record, request } = run;
  const { baseline } = followed;
  const settledAtMs = followed.askedAtMs + request.settleTimeMs;
  let unsure = followed.request === 'unsure';
  record.phase = 'waiting';

  for (let lookAtOnce = true; ; lookAtOnce = false) {
    const isRequest = followed.request !== 'attached';
    const look = await run.waitForChange({
      last: record.last!.code,
      lookAtOnce,
      ...(isRequest && !record.moved && { unchangedAtMs: settledAtMs }),
      ...(record.changesTooOften && { decisiveFor: request.until }),
      ...(baseline !== undefined && { doubt: { code: baseline, untilMs: settledAtMs } }),
    });

    if (look.kind !== 'read') return cannotRead(look, unsure, isRequest, followed.error);
    const { reading } = look;
    const { code } = reading.status;

    if (code !== record.last!.code) {
      moveTo(run, reading);
      if (unsure && isStartingOrUp(code)) {
        record.accept(reading.lookedAt);
        run.note('the job moved: ModelArts had taken the request');
        unsure = false;
      }
      const outcome = judge(request.until, code);
      // A job that has finished was started, also where no look caught it on the way.
      if (outcome === 'finished' && isRequest) record.accept(reading.lookedAt);
      if (outcome !== undefined) return { outcome };
    } else if (
      isRequest &&
      mayBeOld(code, baseline, record.moved) &&
      reading.lookedAt >= settledAtMs
    ) {
      return unsure ? 'unmoved' : { outcome: 'no-effect' };
    }
    // A look that began before the deadline is not the last one, however late its answer came.
    if (reading.lookedAt >= run.deadlineMs) return outOfTime(unsure, followed.error);
  }
}

/** The job moved: recorded, shown and logged, once per change. */
export function moveTo(run: RestartRun, reading: Reading): void {
  const from = run.record.last?.name;
  const { changesTooOften } = run.record;
  run.record.moveTo(reading);
  run.note(`${from} → ${reading.status.name}`);
  if (run.record.changesTooOften && !changesTooOften) {
    run.note('the job changes too often: only what ends the restart is recorded from here on');
  }
  const { name: status, code } = reading.status;
  log.info('The job changed its status', { ...run.job, from, status, code });
}

/** The time is up: what became of an unsure request can't be known any more. */
export function outOfTime(unsure: boolean, error?: ServiceError): Ending {
  return { outcome: unsure ? 'unknown' : 'timed-out', ...(error && { error }) };
}

function cannotRead(
  look: { kind: 'refused' | 'no-reading'; error: ServiceError },
  unsure: boolean,
  isRequest: boolean,
  doubt: ServiceError | undefined,
): Ending {
  if (look.kind === 'no-reading') return outOfTime(unsure, unsure ? doubt : look.error);
  // Without a request nothing is left open: the look itself was refused.
  return { outcome: isRequest ? 'unknown' : 'refused', error: look.error };
}

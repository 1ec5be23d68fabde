import {
  type LookResult,
  type RequestAnswer,
  type ServiceError,
  WRONG_STATUS_CODE,
} from '../../domain/answer.js';
import { defined } from '../../domain/defined.js';
import { groupOf, isDown, isStartingOrUp } from '../../domain/status.js';
import { followJob, STOP } from './follow-job.js';
import type { Ending } from './record.js';
import type { RestartRun } from './run.js';
import { look, nextTryAtMs, pauseBetween, waitForChange } from './wait.js';

/** What to do after the looks before the request. */
export type Prepared = { next: 'request' | 'attach' } | { next: 'end'; ending: Ending };

/**
 * Looks at the job and prepares it for the restart request: waits for a job that is going down, and
 * does what `ifRunning` says with a job that is up or starting.
 *
 * On `request`, `record.last` holds the status that a fresh look showed right before the request.
 */
export async function prepare(run: RestartRun): Promise<Prepared> {
  const { record, options } = run;
  record.phase = 'checking';
  let seen = await look(run);
  for (;;) {
    if (seen.kind !== 'read') return end(notRead(seen));
    if (groupOf(record.last!.code) !== 'going-down' || run.isTimeUp) break;
    seen = await waitForChange(run, { lookAtOnce: false });
  }

  const isUp = isStartingOrUp(record.last!.code);
  if (isUp && options.ifRunning === 'attach') return { next: 'attach' };
  if (run.isTimeUp) return end({ outcome: 'timed-out' });
  if (!isUp || options.ifRunning !== 'stop') return { next: 'request' };

  const stopped = await stopUntilDown(run, options.settleTimeMs);
  if (stopped.kind === 'down' && !run.isTimeUp) return { next: 'request' };
  const outcome = stopped.kind === 'refused' ? 'refused' : 'timed-out';
  return end({ outcome, ...('error' in stopped && { error: stopped.error }) });
}

function end(ending: Ending): Prepared {
  return { next: 'end', ending };
}

function notRead({ kind, error }: Exclude<LookResult, { kind: 'read' }>): Ending {
  return { outcome: kind === 'refused' ? 'refused' : 'timed-out', error };
}

/** How a stop ended. `refused`: ModelArts refused the stop or a look. `time-up`: the job was not down in time. */
export type Stopped =
  | { kind: 'down' }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'time-up'; error?: ServiceError };

/**
 * Stops the job and waits until it is down. Asks again if a stop has no effect. The caller must have
 * looked at the job just before.
 *
 * @param patienceMs how long a refusal for the job's status counts as one that may pass
 */
export async function stopUntilDown(run: RestartRun, patienceMs: number): Promise<Stopped> {
  const { record, hands, options } = run;
  const firstTryAtMs = hands.now();
  // Once a stop may have been taken, a refusal of a later stop says nothing about that one.
  let mayBeTaken = false;
  let refusedForGood: Stopped | undefined;
  let error: ServiceError | undefined;
  record.phase = 'stopping';

  for (let tries = 1; ; tries += 1) {
    const { code } = record.last!;
    const { changes } = run;
    if (isDown(code) && !run.mayBeOld(code)) return { kind: 'down' };
    if (run.isTimeUp) return timeUp(error);

    let taken = true;
    let settleMs = 0;
    if (groupOf(code) !== 'going-down') {
      const answer = await run.send('stop');
      error = answer.kind === 'accepted' ? undefined : answer.error;
      if (answer.kind === 'not-sent') {
        await pauseBetween(run, tries, firstTryAtMs, answer);
        const seen = await look(run);
        if (seen.kind === 'refused') return seen;
        if (seen.kind === 'no-reading') return timeUp(seen.error);
        continue;
      }
      if (answer.kind === 'refused') {
        const { jobStatus } = answer;
        const isPatient = hands.now() < firstTryAtMs + patienceMs;
        // An earlier stop can no longer change anything: there was none, or the job is down already.
        const isDownAlready = isDown(code) && jobStatus !== undefined && isDown(jobStatus);
        const isDecided = !mayBeTaken || isDownAlready;
        if (isDecided && !mayPass(run, answer, isPatient)) return answer;
        // An earlier stop may still work, so keep following; but do not ask again after a final refusal.
        if (answer.error.code !== WRONG_STATUS_CODE) {
          refusedForGood = answer;
          settleMs = options.settleTimeMs;
        }
      } else {
        mayBeTaken = true;
        run.noteStopMayBeTaken();
        settleMs = options.settleTimeMs;
      }
      taken = answer.kind === 'accepted';
    }

    const end = await followJob(run, {
      rules: STOP,
      taken,
      baseline: code,
      changesBefore: changes,
      settledAtMs: Math.max(hands.now() + settleMs, nextTryAtMs(run, tries, firstTryAtMs)),
      endsAt: isDown,
    });
    if (end.kind === 'arrived') return { kind: 'down' };
    if (end.kind === 'refused') return { kind: 'refused', error: end.error! };
    if (end.kind === 'time-up') return timeUp(end.error ?? error);
    // The stop was taken and the job is still down after the settle time, so this is no old reading.
    if (end.taken && isDown(record.last!.code)) return { kind: 'down' };
    if (refusedForGood !== undefined) return refusedForGood;
  }
}

/**
 * Whether to go on after a refusal. ModelArts refuses a stop because of the job's status. Go on while
 * the restart may still move the job, and if the status shows that the job is going down or is down.
 */
function mayPass(
  run: RestartRun,
  { error, jobStatus }: RequestAnswer & { kind: 'refused' },
  isPatient: boolean,
): boolean {
  if (error.code !== WRONG_STATUS_CODE) return false;
  return (
    isPatient || (jobStatus !== undefined && STOP.shows(jobStatus) && !run.mayBeOld(jobStatus))
  );
}

function timeUp(error: ServiceError | undefined): Stopped {
  return { kind: 'time-up', ...defined({ error }) };
}

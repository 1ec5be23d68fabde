import { type RequestAnswer, type ServiceError, WRONG_STATUS_CODE } from '../../domain/answer.js';
import { defined } from '../../domain/defined.js';
import { outcomeAt } from '../../domain/outcome.js';
import { groupOf, isDown, isStartingOrUp } from '../../domain/status.js';
import { followJob, type FollowEnd, RESTART } from './follow-job.js';
import { prepare } from './prepare.js';
import type { Ending } from './record.js';
import type { RestartRun } from './run.js';
import { look, pauseBetween } from './wait.js';

/** After this many refusals for the job's status (ModelArts.0105), the next one is final. */
const PASSING_REFUSALS = 5;

/**
 * The restart, as an operator would do it: look at the job, ask for the restart, follow the job
 * until it is where it should be. Asks again only where ModelArts has not taken the request.
 */
export async function restart(run: RestartRun): Promise<Ending> {
  let firstTryAtMs: number | undefined;
  for (let tries = 1, refusals = 0; ; tries += 1) {
    const prepared = await prepare(run);
    // If the time ran out between two tries, the last answer is the reason.
    if (prepared.next === 'end') return { ...because(run.lastError), ...prepared.ending };
    if (prepared.next === 'attach') return attach(run);

    firstTryAtMs ??= run.hands.now();
    const answer = await sendRestart(run);
    if (answer.kind === 'accepted') {
      return endingOf(run, await followRestart(run, { taken: true }));
    }
    if (answer.kind === 'ambiguous') return afterLostAnswer(run, answer.error);
    if (answer.kind === 'refused') {
      const next = afterRefusal(run, answer, (refusals += 1));
      if (next === 'end') return { outcome: 'refused', error: answer.error };
      if (next === 'attach') return attach(run, run.record.last!.code);
    }
    run.record.phase = 'checking';
    await pauseBetween(run, tries, firstTryAtMs, answer);
  }
}

/** Sends the restart request. `run.restartMayBeTaken` stays true unless the answer says that it was not taken. */
async function sendRestart(run: RestartRun): Promise<RequestAnswer> {
  run.throwIfCancelled();
  const mightBeTaken = run.restartMayBeTaken;
  run.record.phase = 'requesting';
  if (!mightBeTaken) {
    run.baseline = run.record.last!.code;
    run.changesBefore = run.changes;
  }
  run.restartMayBeTaken = true;
  const answer = await run.send('restart');
  if (answer.kind === 'accepted') run.record.accept(run.hands.now());
  run.lastError = answer.kind === 'accepted' ? undefined : answer.error;
  if (answer.kind === 'refused' || answer.kind === 'not-sent') run.restartMayBeTaken = mightBeTaken;
  else run.beginToFollow();
  return answer;
}

/** Follows the job after the restart request. A job that has not moved by `settledAtMs` never will. */
async function followRestart(
  run: RestartRun,
  { taken, settledAtMs = run.hands.now() + run.options.settleTimeMs }: Following,
): Promise<FollowEnd> {
  run.record.phase = 'waiting';
  return followJob(run, {
    rules: RESTART,
    taken,
    baseline: run.baseline,
    changesBefore: run.changesBefore,
    settledAtMs,
    endsAt: endOf(run),
    // ModelArts refuses a restart of a job that is up, so this job had ended right before the request.
    mayBeBefore: (code) => isDown(code) && !isDown(run.baseline!),
  });
}

/** The statuses that decide a restart. */
function endOf({ options }: RestartRun): (code: number) => boolean {
  return (code) => outcomeAt(options.until, code) !== undefined;
}

interface Following {
  taken: boolean;
  settledAtMs?: number;
}

/** The answer got lost, so only the job's status can show whether the request was taken. */
async function afterLostAnswer(run: RestartRun, error: ServiceError): Promise<Ending> {
  // A job that was up or starting looks the same whether the request was taken or not.
  if (isStartingOrUp(run.baseline!)) {
    const seen = await look(run);
    return { outcome: 'unknown', error: seen.kind === 'refused' ? seen.error : error };
  }
  const end = await followRestart(run, { taken: false });
  const mayRepeat = isUnmoved(end) && run.options.ifUnknown === 'repeat';
  return mayRepeat ? repeat(run, error) : endingOf(run, end, error);
}

/**
 * `ifUnknown: "repeat"`: asks once more after a request whose answer got lost and which moved
 * nothing. ModelArts refuses the second request if the first one worked.
 */
async function repeat(run: RestartRun, doubt: ServiceError): Promise<Ending> {
  const firstTryAtMs = run.hands.now();
  for (let tries = 1; ; tries += 1) {
    if (run.isTimeUp) return { outcome: 'unknown', error: doubt };
    const answer = await sendRestart(run);
    if (answer.kind === 'not-sent') {
      run.record.phase = 'checking';
      await pauseBetween(run, tries, firstTryAtMs, answer);
      // Look again before the next request: by now the first request may have moved the job.
      const end = await followRestart(run, { taken: false, settledAtMs: run.hands.now() });
      if (!isUnmoved(end)) return endingOf(run, end, doubt);
      continue;
    }
    if (answer.kind === 'accepted' || (await showsTheFirst(run, answer))) {
      run.record.accept(run.hands.now());
      return endingOf(run, await followRestart(run, { taken: true }));
    }
    // Not `refused`: the first request may still be at work.
    if (answer.kind === 'refused') return { outcome: 'unknown', error: answer.error };
    return endingOf(run, await followRestart(run, { taken: false }), answer.error);
  }
}

/** Whether this answer, a ModelArts.0105 for a job that is starting or up, shows that the first request worked. */
async function showsTheFirst(run: RestartRun, answer: RequestAnswer): Promise<boolean> {
  if (answer.kind !== 'refused' || answer.error.code !== WRONG_STATUS_CODE) return false;
  if (answer.jobStatus !== undefined) return isStartingOrUp(answer.jobStatus);
  const seen = await look(run);
  return seen.kind === 'read' && isStartingOrUp(seen.reading.status.code);
}

/** Waits for a job that is up or starting without a request of its own. */
async function attach(run: RestartRun, oldStatus?: number): Promise<Ending> {
  const { record, options, hands } = run;
  record.attached = true;
  run.beginToFollow();
  record.phase = 'waiting';
  const end = await followJob(run, {
    rules: RESTART,
    taken: true,
    changesBefore: run.changes,
    ...defined({ baseline: oldStatus }),
    settledAtMs: hands.now() + options.settleTimeMs,
    endsAt: endOf(run),
  });
  // The refusal named another status, but the settle time is over: the status that looks show is true.
  if (end.kind === 'settled') return attach(run);
  // No request was sent, so nothing is unknown: the look itself was refused.
  return end.kind === 'refused' ? { outcome: 'refused', error: end.error! } : endingOf(run, end);
}

/**
 * What a refusal leads to. A ModelArts.0105 alone does not say that the job is running: the status
 * that caused it is in its text, or shows at the next look.
 */
function afterRefusal(
  run: RestartRun,
  { error, jobStatus }: RequestAnswer & { kind: 'refused' },
  refusals: number,
): 'end' | 'attach' | 'again' {
  const { ifRunning } = run.options;
  const { code } = run.record.last!;
  if (error.code !== WRONG_STATUS_CODE || refusals > PASSING_REFUSALS) return 'end';
  // The last look showed this status already, so another look would change nothing.
  if (jobStatus === code) return 'end';
  if (jobStatus === undefined) return ifRunning === 'fail' ? 'end' : 'again';
  if (groupOf(jobStatus) === 'going-down') return 'again';
  if (!isStartingOrUp(jobStatus) || ifRunning === 'fail') return 'end';
  return ifRunning === 'attach' ? 'attach' : 'again';
}

/** @param doubt why it is not known whether the request was taken */
function endingOf(run: RestartRun, end: FollowEnd, doubt?: ServiceError): Ending {
  const { kind, taken, error } = end;
  switch (kind) {
    case 'arrived': {
      const { record, options } = run;
      const outcome = outcomeAt(options.until, record.last!.code)!;
      // From a status that was not down, the job may have got there without the request.
      const isThere = outcome === 'running' || outcome === 'finished';
      if (isThere && !taken && !isDown(run.baseline!))
        return { outcome: 'unknown', ...because(doubt) };
      // A job that has finished was started, even if no look saw it starting.
      if (outcome === 'finished' && run.restartMayBeTaken) record.accept(record.lastSince);
      return { outcome };
    }
    case 'settled':
      return taken ? { outcome: 'no-effect' } : { outcome: 'unknown', ...because(doubt) };
    case 'time-up':
      return taken
        ? { outcome: 'timed-out', ...because(error) }
        : { outcome: 'unknown', ...because(doubt ?? error) };
    case 'refused':
      return { outcome: 'unknown', ...because(error) };
  }
}

function isUnmoved({ kind, taken }: FollowEnd): boolean {
  return kind === 'settled' && !taken;
}

function because(error: ServiceError | undefined): Pick<Ending, 'error'> {
  return defined({ error });
}

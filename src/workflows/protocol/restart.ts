import type { RequestAnswer, ServiceError } from '../../domain/answer.js';
import { judge } from '../../domain/judge.js';
import { WRONG_STATUS_CODE } from '../../domain/refusals.js';
import { groupOf, isDown, isStartingOrUp } from '../../domain/status.js';
import { follow, type FollowEnd } from './follow.js';
import { prepare } from './prepare.js';
import type { Ending } from './record.js';
import { RESTART } from './requests.js';
import type { RestartRun } from './run.js';
import { look, pauseBetween } from './wait.js';

/** Refusals for the job's status that may pass, before one is taken as the answer. */
const PASSING_REFUSALS = 5;

/**
 * The restart, as an operator would do it: look at the job, ask for the restart, follow the job
 * until it is where it should be. Asks again only where nothing was done.
 */
export async function restart(run: RestartRun): Promise<Ending> {
  let firstTryAtMs: number | undefined;
  for (let tries = 1, refusals = 0; ; tries += 1) {
    const prepared = await prepare(run);
    // Where the time is up between two tries, the last answer is the reason.
    if (prepared.next === 'end') return { ...because(run.lastError), ...prepared.ending };
    if (prepared.next === 'attach') return attach(run);

    firstTryAtMs ??= run.hands.now();
    const answer = await ask(run);
    if (answer.kind === 'accepted') {
      return endingOf(run, await followRestart(run, { taken: true }));
    }
    if (answer.kind === 'ambiguous') return afterLostAnswer(run, answer.error);
    if (answer.kind === 'refused') {
      const next = afterRefusal(run, answer, (refusals += 1));
      if (next === 'end') return { outcome: 'refused', error: answer.error };
      if (next === 'attach') return attach(run, run.record.last!.code);
    }
    const { retryAfterMs = 0 } = answer.kind === 'not-sent' ? answer : {};
    await pauseBetween(run, tries, firstTryAtMs, retryAfterMs);
  }
}

/** Sends the restart request. From here on it may be at work, unless the answer says that it is not. */
async function ask(run: RestartRun): Promise<RequestAnswer> {
  run.throwIfCancelled();
  const wasAsked = run.asked;
  run.record.phase = 'requesting';
  if (!wasAsked) run.baseline = run.record.last!.code;
  run.asked = true;
  const answer = await run.send('restart');
  if (answer.kind === 'accepted') run.record.accept(run.hands.now());
  else run.lastError = answer.error;
  if (answer.kind === 'refused' || answer.kind === 'not-sent') run.asked = wasAsked;
  else run.beginToFollow();
  return answer;
}

/** Follows the job after the restart request. A request that does not show by `settledAtMs` moved nothing. */
async function followRestart(
  run: RestartRun,
  { taken, settledAtMs = run.hands.now() + run.options.settleTimeMs }: Following,
): Promise<FollowEnd> {
  run.record.phase = 'waiting';
  return follow(run, {
    request: RESTART,
    taken,
    baseline: run.baseline,
    settledAtMs,
    endsAt: (code) => judge(run.options.until, code) !== undefined,
    // ModelArts does not take a restart of a job that is up: this one ended right before the request.
    mayBeBefore: (code) => isStartingOrUp(run.baseline!) && isDown(code),
    onTaken: (atMs) => {
      run.record.accept(atMs);
      run.note('the job moved: ModelArts had taken the request');
    },
  });
}

interface Following {
  taken: boolean;
  settledAtMs?: number;
}

/** An answer that got lost: only the job can tell whether the request was taken. */
async function afterLostAnswer(run: RestartRun, error: ServiceError): Promise<Ending> {
  // A job that was up or starting looks the same whether the request was taken or not.
  if (isStartingOrUp(run.baseline!)) {
    const seen = await look(run);
    if (seen.kind === 'read') run.saw(seen.reading);
    return { outcome: 'unknown', error: seen.kind === 'refused' ? seen.error : error };
  }
  const end = await followRestart(run, { taken: false });
  const mayRepeat = isUnmoved(end) && run.options.ifUnknown === 'repeat';
  return mayRepeat ? repeat(run, error) : endingOf(run, end, error);
}

/**
 * `ifUnknown: "repeat"`: asks once more after a request that nobody knows the fate of and that moved
 * nothing. ModelArts refuses the second one where the first had worked.
 */
async function repeat(run: RestartRun, doubt: ServiceError): Promise<Ending> {
  const firstTryAtMs = run.hands.now();
  for (let tries = 1; ; tries += 1) {
    if (run.isTimeUp) return { outcome: 'unknown', error: doubt };
    const answer = await ask(run);
    if (answer.kind === 'not-sent') {
      await pauseBetween(run, tries, firstTryAtMs, answer.retryAfterMs);
      // Every request is preceded by a fresh look; the first one may show its work by now.
      const end = await followRestart(run, { taken: false, settledAtMs: run.hands.now() });
      if (!isUnmoved(end)) return endingOf(run, end, doubt);
      continue;
    }
    if (answer.kind === 'accepted' || (await showsTheFirst(run, answer))) {
      run.record.accept(run.hands.now());
      return endingOf(run, await followRestart(run, { taken: true }));
    }
    // A refusal that comes later never makes it refused: the first request may still be at work.
    if (answer.kind === 'refused') return { outcome: 'unknown', error: answer.error };
    return endingOf(run, await followRestart(run, { taken: false }), answer.error);
  }
}

/** A ModelArts.0105 with a starting or up status, in its text or at the next look: the first request worked. */
async function showsTheFirst(run: RestartRun, answer: RequestAnswer): Promise<boolean> {
  if (answer.kind !== 'refused' || answer.error.code !== WRONG_STATUS_CODE) return false;
  if (answer.jobStatus !== undefined) return isStartingOrUp(answer.jobStatus);
  const seen = await look(run);
  if (seen.kind !== 'read') return false;
  run.saw(seen.reading);
  return isStartingOrUp(seen.reading.status.code);
}

/** Waits for a job that is up or starting without a request of its own. */
async function attach(run: RestartRun, oldStatus?: number): Promise<Ending> {
  const { record, options, hands } = run;
  record.attached = true;
  run.beginToFollow();
  record.phase = 'waiting';
  const end = await follow(run, {
    request: RESTART,
    taken: true,
    ...(oldStatus !== undefined && { baseline: oldStatus }),
    settledAtMs: hands.now() + options.settleTimeMs,
    endsAt: (code) => judge(options.until, code) !== undefined,
  });
  // ModelArts named another status, and yet the job stays where it was: that is where it is, then.
  if (end.kind === 'settled') return attach(run);
  // Without a request nothing is left open: the look itself was refused.
  return end.kind === 'refused' ? { outcome: 'refused', error: end.error! } : endingOf(run, end);
}

/**
 * What a refusal leads to. A ModelArts.0105 alone does not mean that the job runs: its text, or the
 * next look, tells the status that it is for.
 */
function afterRefusal(
  run: RestartRun,
  { error, jobStatus }: RequestAnswer & { kind: 'refused' },
  refusals: number,
): 'end' | 'attach' | 'again' {
  const { ifRunning } = run.options;
  const { code } = run.record.last!;
  if (error.code !== WRONG_STATUS_CODE || refusals > PASSING_REFUSALS) return 'end';
  // Nothing new: the job was seen in this status, and was asked for all the same.
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
      const outcome = judge(options.until, record.last!.code)!;
      // A job that has finished was started, also where no look caught it on the way.
      if (outcome === 'finished' && run.asked) record.accept(record.lastSince);
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
  return error === undefined ? {} : { error };
}

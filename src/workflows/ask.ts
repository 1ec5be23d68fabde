import type { RequestAnswer, ServiceError } from '../domain/answer.js';
import { judge } from '../domain/judge.js';
import { WRONG_STATUS_CODE } from '../domain/refusals.js';
import { groupOf, isStartingOrUp } from '../domain/status.js';
import { follow, moveTo, outOfTime } from './follow.js';
import { prepare } from './prepare.js';
import type { Ending } from './record.js';
import { repeatRequest } from './repeat.js';
import { requestRestart } from './request-restart.js';
import type { RestartRun } from './run.js';

/** Refusals that a job's passing status is the reason for, before one is taken as the answer. */
const PASSING_REFUSALS = 5;

/**
 * The restart, as an operator would do it: look at the job, ask for the restart, follow the job
 * until it is where it should be. Asks again only where nothing was done.
 */
export async function restart(run: RestartRun): Promise<Ending> {
  const { record } = run;
  let refusals = 0;
  for (let tries = 1; ; tries += 1) {
    const prepared = await prepare(run);
    if (prepared.next === 'end') return { ...because(run), ...prepared.ending };
    if (prepared.next === 'attach') return attach(run);

    const answer = await requestRestart(run);
    switch (answer.kind) {
      case 'accepted':
      case 'ambiguous':
        return followRequest(run, answer);
      case 'not-sent':
        await run.pause(tries, answer.retryAfterMs);
        break;
      case 'refused': {
        const next = afterRefusal(run, answer, (refusals += 1));
        if (next === 'end') return { outcome: 'refused', error: answer.error };
        if (next === 'attach') return attach(run, record.last!.code);
        await run.pause(refusals);
      }
    }
  }
}

/** Follows the job after a request that was taken, or that may have been. */
async function followRequest(
  run: RestartRun,
  answer: RequestAnswer & { kind: 'accepted' | 'ambiguous' },
): Promise<Ending> {
  const baseline = run.record.last!.code;
  if (answer.kind === 'accepted') {
    const followed = { request: 'accepted', baseline, askedAtMs: Date.now() } as const;
    return settled(await follow(run, followed));
  }
  const { error } = answer;
  if (isStartingOrUp(baseline)) return cannotTell(run, error);
  const followed = { request: 'unsure', baseline, askedAtMs: Date.now(), error } as const;
  const ending = await follow(run, followed);
  if (ending !== 'unmoved') return ending;
  return run.request.ifUnknown === 'repeat' ? repeatRequest(run, error) : outOfTime(true, error);
}

/** Waits for a job that is up or starting without a request of its own. */
async function attach(run: RestartRun, baseline?: number): Promise<Ending> {
  const { record, request: asked } = run;
  record.attached = true;
  const outcome = baseline === undefined ? judge(asked.until, record.last!.code) : undefined;
  if (outcome !== undefined) return { outcome };
  const old = baseline === undefined ? {} : { baseline };
  return settled(await follow(run, { request: 'attached', askedAtMs: Date.now(), ...old }));
}

/** A job that was up or starting looks the same whether the request was taken or not. */
async function cannotTell(run: RestartRun, error: ServiceError): Promise<Ending> {
  const look = await run.look();
  if (look.kind === 'read' && look.reading.status.code !== run.record.last!.code) {
    moveTo(run, look.reading);
  }
  return outOfTime(true, look.kind === 'refused' ? look.error : error);
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
  const { ifRunning } = run.request;
  const { code } = run.record.last!;
  if (error.code !== WRONG_STATUS_CODE || refusals > PASSING_REFUSALS) return 'end';
  // Nothing new: the job was seen in this status, and was asked for all the same.
  if (jobStatus === code) return 'end';
  if (jobStatus === undefined) return ifRunning === 'fail' ? 'end' : 'again';
  if (groupOf(jobStatus) === 'going-down') return 'again';
  if (!isStartingOrUp(jobStatus) || ifRunning === 'fail') return 'end';
  return ifRunning === 'attach' ? 'attach' : 'again';
}

/** Where the time is up between two tries, the last answer is the reason. */
function because({ lastError }: RestartRun): Pick<Ending, 'error'> {
  return lastError === undefined ? {} : { error: lastError };
}

/** An accepted request, or none, is never `unmoved`. */
function settled(ending: Ending | 'unmoved'): Ending {
  return ending === 'unmoved' ? { outcome: 'no-effect' } : ending;
}

import type { RequestAnswer, ServiceError } from '../domain/answer.js';
import { WRONG_STATUS_CODE } from '../domain/refusals.js';
import { isStartingOrUp } from '../domain/status.js';
import { follow, outOfTime } from './follow.js';
import type { Ending } from './record.js';
import { requestRestart } from './request-restart.js';
import type { RestartRun } from './run.js';

/**
 * `ifUnknown: "repeat"`: asks once more after a request that nobody knows the fate of and that moved
 * nothing. ModelArts refuses the second one where the first had worked.
 *
 * @param doubt what became of the first request
 */
export async function repeatRequest(run: RestartRun, doubt: ServiceError): Promise<Ending> {
  const { record } = run;
  const baseline = record.last!.code;
  const followAs = (as: 'accepted' | 'unsure', error: ServiceError): Promise<Ending | 'unmoved'> =>
    follow(run, { request: as, baseline, askedAtMs: Date.now(), error });

  for (let tries = 1; ; tries += 1) {
    const answer = await requestRestart(run);
    if (answer.kind === 'not-sent') {
      await run.pause(tries, answer.retryAfterMs);
      if (run.timeIsUp) return outOfTime(true, doubt);
      // Every request is preceded by a fresh look; the first one may show its work by now.
      const ending = await follow(run, {
        request: 'unsure',
        baseline,
        askedAtMs: Date.now() - run.request.settleTimeMs,
        error: doubt,
      });
      if (ending !== 'unmoved') return ending;
      continue;
    }
    if (answer.kind === 'accepted' || (await firstOneWorked(run, answer))) {
      record.accept(Date.now());
      const ending = await followAs('accepted', doubt);
      return ending === 'unmoved' ? { outcome: 'no-effect' } : ending;
    }
    // A refusal that comes later never makes it refused: the first request may still be at work.
    if (answer.kind === 'refused') return outOfTime(true, answer.error);
    const ending = await followAs('unsure', answer.error);
    return ending === 'unmoved' ? outOfTime(true, answer.error) : ending;
  }
}

/** A ModelArts.0105 with a starting or up status, in its text or at the next look. */
async function firstOneWorked(run: RestartRun, answer: RequestAnswer): Promise<boolean> {
  if (answer.kind !== 'refused' || answer.error.code !== WRONG_STATUS_CODE) return false;
  if (answer.jobStatus !== undefined) return isStartingOrUp(answer.jobStatus);
  const look = await run.look();
  return look.kind === 'read' && isStartingOrUp(look.reading.status.code);
}

import { groupOf, isDown, isStartingOrUp } from '../src/domain/status.js';
import {
  deadlineOf,
  isAmbiguous,
  readings,
  requestCalls,
  restartsTaken,
  TOLERANCE_MS,
  type Run,
} from './run.js';

/** Returns how the outcome is untrue, or `false` if it is true. */
type Rule = (run: Run & { outcome: NonNullable<Run['outcome']> }) => string | false;

/** Outcome → the rule that checks its claim against what the simulator knows. */
export const OUTCOME_RULES: Record<string, Rule> = {
  running: (run) => {
    const { truth, outcome } = run;
    const until = endOf(run) + TOLERANCE_MS;
    if (outcome.attached) {
      const seen = truth.statuses(run.story.startedAt - truth.job.staleMs, until);
      return !seen.includes(8) && 'the job was not up while it was followed';
    }
    const [takenAt] = restartsTaken(run);
    if (takenAt === undefined) return 'no restart was taken';
    return (
      !truth.movedTo(takenAt, until).includes(8) && 'the job did not come up after its restart'
    );
  },

  refused: (run) => {
    const { outcome, sent, truth } = run;
    if (restartsTaken(run).length > 0) return 'a restart was taken';
    const refusals = sent.filter(
      ({ outcome: status, carriedOut }) => status === 200 && !carriedOut,
    );
    if (refusals.length === 0) return 'ModelArts refused nothing';
    if (outcome.error?.code !== 'ModelArts.0105') return `for ${outcome.error?.code}`;
    const named = Number(/job status: (\d+)/.exec(outcome.error.message)?.[1]);
    const had = refusals
      .map(({ at }) => truth.statuses(at - TOLERANCE_MS, at + TOLERANCE_MS))
      .flat();
    return !had.includes(named) && `for status ${named}, which the job did not have`;
  },

  failed: (run) => cameTo(run, (code) => groupOf(code) === 'failed'),
  stopped: (run) => cameTo(run, (code) => groupOf(code) === 'ended'),

  'no-effect': (run) => {
    const { truth, outcome } = run;
    if (restartsTaken(run).length === 0) return 'no restart was taken';
    const { lookedAt, settledAt } = lastLook(run);
    if (lookedAt < settledAt) return 'the last look was made before the settle time was over';
    const shown = truth.statuses(lookedAt - truth.job.staleMs - TOLERANCE_MS, lookedAt + LOOK_MS);
    return !shown.includes(outcome.last!.code) && 'the job did move';
  },

  'timed-out': (run) => {
    const { outcome } = run;
    if (endOf(run) < deadlineOf(run)) return 'the time was not up';
    const isUnsure = requestCalls(run, 'restart').some(isAmbiguous);
    if (isUnsure && outcome.acceptedAt === undefined) return 'the fate of a request is not known';
    return sawItUp(run) && 'a look at the deadline showed that the job was up';
  },

  unknown: (run) => {
    const { outcome, request, world } = run;
    const lost = requestCalls(run, 'restart').filter(isAmbiguous);
    if (lost.length === 0) return 'no request was lost';
    for (const call of lost) {
      const arrived = run.sent.find(({ at, operation }) => {
        const until = (call.closedAt ?? Infinity) + TOLERANCE_MS;
        return operation === 'restart' && at >= call.scheduledAt - TOLERANCE_MS && at <= until;
      });
      const isKilled = world.workerKills.some(
        (at) => at >= call.scheduledAt - TOLERANCE_MS && at <= call.closedAt!,
      );
      const isLost = arrived !== undefined && typeof arrived.outcome !== 'number';
      if (!isLost && !isKilled) return 'its request was answered, and its worker lived';
    }
    if (isStartingOrUp(outcome.before?.code ?? 0) || request.ifUnknown === 'repeat') return false;
    if (endOf(run) >= deadlineOf(run)) return false;
    const { lookedAt, settledAt } = lastLook(run);
    return lookedAt < settledAt && 'the last look was made before the settle time was over';
  },

  canceled: ({ story }) => story.cancelRequested === undefined && 'nobody cancelled it',
};

/** The longest time from the start of a look until ModelArts makes its answer. */
const LOOK_MS = 2_000;

function endOf({ story }: Run): number {
  return story.close?.at ?? Infinity;
}

function cameTo(run: Run, isWanted: (code: number) => boolean): string | false {
  const { truth, outcome, story } = run;
  const [takenAt = Infinity] = restartsTaken(run);
  const from = outcome!.attached ? story.startedAt - truth.job.staleMs : takenAt;
  const cameThere = truth.movedTo(from, endOf(run) + TOLERANCE_MS).some(isWanted);
  return !(cameThere && isWanted(outcome!.last!.code)) && 'the job did not get to such a status';
}

/** Returns when the last look was made, and when the last restart request's settle time ends. */
function lastLook(run: Run): { lookedAt: number; settledAt: number } {
  const lookedAt = readings(run).at(-1)?.reading.lookedAt ?? -Infinity;
  const askedAt = requestCalls(run, 'restart').at(-1)?.closedAt ?? Infinity;
  return { lookedAt, settledAt: askedAt + run.request.settleTimeMs - TOLERANCE_MS };
}

/** Whether looks at the deadline or later got true answers, which were that the job is up. */
function sawItUp(run: Run): boolean {
  const { truth, world, outcome } = run;
  const deadline = deadlineOf(run);
  const [takenAt = Infinity] = restartsTaken(run);
  const from = outcome!.attached ? run.story.startedAt : takenAt;
  const oldUntil = Math.max(takenAt, ...truth.stopsTaken.filter((at) => at < deadline), 0);
  const looks = truth.requests.filter(({ at, operation, outcome: status, fault }) => {
    const isAnswered = operation === 'detail' && status === 200 && fault === undefined;
    const isLast = at >= deadline && at <= endOf(run) && at > from;
    const isNew = at > oldUntil + truth.job.staleMs + TOLERANCE_MS;
    // A worker that was killed after the look may have died with the answer.
    const isHeard = !world.workerKills.some((kill) => kill >= at && kill <= endOf(run));
    const isUp = truth.statuses(at - TOLERANCE_MS, at).every((code) => code === 8);
    return isAnswered && isLast && isNew && isHeard && isUp;
  });
  // A return to the status before the request counts only when a second look shows it.
  return looks.length >= (outcome!.before?.code === 8 ? 2 : 1);
}

/** Checks that `onCancel: "stop"` leaves the job down, if a restart was taken before. */
export function stopOnCancelFailed(run: Run): string | false {
  const { outcome, request, story, truth, nextAt } = run;
  if (outcome?.outcome !== 'canceled' || request.onCancel !== 'stop') return false;
  if (restartsTaken(run).length === 0 || story.close === undefined) return false;
  const after = truth.statuses(story.close.at, nextAt - TOLERANCE_MS);
  const wrong = after.find((code) => !isDown(code));
  return wrong !== undefined && `the job should be down, and is in status ${wrong}`;
}

import { groupOf, isStartingOrUp } from '../src/domain/status.js';
import type { Run } from './world.js';

/** How far a worker's clock may be off in these runs. */
export const LONGEST_SKEW_MS = 5_000;

/** Returns how the outcome contradicts what happened, or `false` if it is true. */
export function outcomeIsFalse(run: Run): string | false {
  const { outcome: end, job, service, plan, endedAt, cancelledAt, hands } = run;
  if (end === undefined) return false;
  const restarts = service.sent.filter(({ name }) => name === 'restart');
  const isUnsure = restarts.some(({ answer }) => answer === 'ambiguous' || answer === 'pending');
  const wasRequested = hands.calls.some(({ name }) => name === 'restart');
  const firstSentAt = restarts[0]?.at ?? -Infinity;
  const fromMs = (end.attached ? run.startedAt : firstSentAt) - plan.longestLagMs;
  const seen = statusesFrom(run, fromMs);
  const taken = job.restartsTaken.length > 0;

  if (end.acceptedAt !== undefined && !taken && job.otherHands.length === 0) {
    const upBefore =
      isStartingOrUp(end.before?.code ?? 0) || groupOf(end.before?.code ?? 0) === 'odd';
    if (!upBefore) return 'a restart is said to be accepted that was never taken';
  }
  switch (end.outcome) {
    case 'running':
      if (!seen.includes(8)) return 'it never ran after the request';
      return !end.attached && !taken && job.otherHands.length === 0 && 'nobody restarted it';
    case 'finished':
      return !seen.includes(10) && 'it never finished after the request';
    case 'failed':
    case 'stopped': {
      const group = end.outcome === 'failed' ? 'failed' : 'ended';
      // If the job ended between the look and the request, only the settle time can show that.
      const hadItsTime =
        endedAt >= Math.min(firstSentAt + plan.options.settleTimeMs, run.deadlineMs);
      // If somebody else moved the job twice by then, no look could show that.
      if (job.otherHands.filter((at) => at <= firstSentAt + 500).length > 1) return false;
      const isOfGroup = (code: number): boolean => groupOf(code) === group;
      const wentThere = job.truth.some(({ at, code }) => at > fromMs && isOfGroup(code));
      const wasThere = hadItsTime && end.last!.code !== end.before!.code && seen.some(isOfGroup);
      return !(wentThere || wasThere) && `it was not ${end.outcome}`;
    }
    case 'no-effect':
      if (!taken) return 'no restart was taken';
      return !seen.includes(end.last!.code) && 'the status did move';
    case 'refused': {
      const last = service.sent.at(-1);
      const lastOtherHandAt = job.otherHands.at(-1) ?? 0;
      if (service.looksRefused > 0) return false;
      if (
        last?.name === 'stop' &&
        last.answer === 'refused' &&
        job.stopsTaken.some((at) => at > lastOtherHandAt) &&
        // The protocol must not ask again after a final refusal, once the earlier stop has settled.
        !(end.error?.httpStatus === 403 && endedAt >= last.at + plan.options.settleTimeMs)
      )
        return 'a stop was taken';
      return (taken || isUnsure) && 'a restart was taken, or may have been';
    }
    case 'timed-out':
      if (endedAt < run.deadlineMs) return 'the time was not up';
      if (isUnsure && end.acceptedAt === undefined) return 'the fate of a request is not known';
      return (
        (end.acceptedAt !== undefined || end.attached) &&
        wasThereInTime(run) &&
        'it was there at the deadline, and could be seen'
      );
    case 'unknown':
      return !wasRequested && 'no restart was asked for';
    case 'canceled':
      return cancelledAt === undefined && 'nobody cancelled it';
  }
}

/** The statuses that the job truly had between these two instants. */
export function statusesFrom({ job, endedAt }: Run, fromMs: number, toMs = endedAt): number[] {
  const later = job.truth.filter(({ at }) => at > fromMs && at <= toMs);
  return [job.statusAt(fromMs), ...later.map(({ code }) => code)];
}

/** Whether the job got there well before the deadline, so that the last look must have shown it. */
function wasThereInTime(run: Run): boolean {
  const { job, plan, service, temporal, deadlineMs, endedAt } = run;
  const wanted = plan.options.until === 'running' ? 8 : 10;
  const sinceMs = deadlineMs - plan.longestLagMs - plan.exchangeMs - LONGEST_SKEW_MS - 5_000;
  const stayed = statusesFrom(run, sinceMs).every((code) => code === wanted);
  const quietFromMs = deadlineMs - 5 * 60_000;
  const isQuiet = !service.faults.some(({ at }) => at >= quietFromMs);
  const isUp = temporal.lastUpAt <= deadlineMs && !temporal.kills.some((at) => at >= deadlineMs);
  const cameThere = job.truth.some(
    ({ at, code }) => code === wanted && at >= (service.sent[0]?.at ?? 0) && at <= endedAt,
  );
  return stayed && cameThere && isQuiet && isUp && temporal.isUp;
}

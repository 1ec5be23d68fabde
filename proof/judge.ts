import { groupOf, isStartingOrUp } from '../src/domain/status.js';
import type { Run } from './world.js';

const SLACK_MS = 10_000;
const SEND_WITHIN_MS = 10_000;
const LONGEST_SKEW_MS = 5_000;
const CANCEL_LIMIT_MS = 10 * 60_000;

/** What a run must not do. Each rule answers with what it did all the same. */
const RULES: Record<string, (run: Run) => string | false> = {
  'it ends, and does not break': ({ outcome, broke }) =>
    broke ?? (outcome === undefined && 'it did not end'),

  'at most one restart is taken, and at most one is asked for that may have been': (run) => {
    const most = run.plan.options.ifUnknown === 'repeat' ? 2 : 1;
    const maybe = run.service.sent.filter(
      ({ name, answer }) => name === 'restart' && !['not-sent', 'refused'].includes(answer),
    );
    const taken = run.job.restartsTaken.length;
    return (taken > most || maybe.length > most) && `${taken} taken, ${maybe.length} asked for`;
  },

  'nothing is sent once cancelled, but for the stop that was asked for': ({ hands, plan }) => {
    const late = hands.calls.filter(({ name, cancelled }) => cancelled && isRequest(name));
    const isBad = late.some(({ name }) => name === 'restart' || plan.options.onCancel !== 'stop');
    return isBad && `sent after the cancellation: ${late.map(({ name }) => name).join(', ')}`;
  },

  'a stop on cancel is for a restart that was sent': ({ hands, service }) => {
    const stops = hands.calls.filter(({ name, cancelled }) => cancelled && name === 'stop');
    const asked = service.sent.some(({ name }) => name === 'restart');
    const held = hands.calls.some(({ name }) => name === 'restart');
    return stops.length > 0 && !asked && !held && 'it stopped a job that it had not restarted';
  },

  'nothing is sent at the deadline or later': ({ hands, service, deadlineMs, cancelledAt }) => {
    const call = hands.calls.find(
      ({ name, at, cancelled }) => isRequest(name) && !cancelled && at >= deadlineMs,
    );
    if (call !== undefined) return `${call.name} scheduled ${call.at - deadlineMs} ms late`;
    const sent = service.sent.find(
      ({ at }) => at >= deadlineMs + LONGEST_SKEW_MS && at < (cancelledAt ?? Infinity),
    );
    return sent !== undefined && `${sent.name} sent ${sent.at - deadlineMs} ms late`;
  },

  'nothing is sent after its send-by': ({ hands, service, plan }) => {
    const scheduled = hands.calls.filter(({ name }) => isRequest(name));
    const late = service.sent.find(({ name, at }) => {
      const call = scheduled.findLast((one) => one.name === name && one.at <= at);
      return call === undefined || at - call.at > SEND_WITHIN_MS + Math.abs(plan.skewMs) + 20;
    });
    return late !== undefined && `${late.name} sent at ${late.at}`;
  },

  'each request follows a look that is fresh': ({ hands, service }) => {
    const index = hands.calls.findIndex(({ name, at }, nth) => {
      if (!isRequest(name)) return false;
      // Whatever was sent or waited for in between makes an earlier look an old one.
      const since = hands.calls
        .slice(0, nth)
        .findLast((call) => isRequest(call.name) || call.name === 'pause');
      return !service.readingsFrom.some((from) => from >= (since?.at ?? 0) && from <= at);
    });
    return index >= 0 && `call ${index + 1}, ${hands.calls[index]!.name}, was sent without a look`;
  },

  'checkNow has a look made': ({ hands, checksAt, endedAt, plan, temporal }) => {
    const awayMs = temporal.kills.length * 60_000;
    const longestMs = SEND_WITHIN_MS + plan.exchangeMs + SLACK_MS + awayMs + 100;
    const lost = checksAt.find(
      (at) =>
        endedAt > at + longestMs &&
        !hands.calls.some((call) => call.looksAtOnce && call.at >= at && call.at <= at + longestMs),
    );
    return lost !== undefined && 'no look was made';
  },

  'the outcome is true': (run) => outcomeIsFalse(run),

  'a stop that is reported has happened': (run) => {
    const { stoppedOnCancel, job, endedAt, service } = run;
    if (stoppedOnCancel !== true) return false;
    if (job.otherHands.some((at) => at > endedAt - 120_000)) return false;
    // A restart that was given up and came through after the stop: nobody can know of it.
    const lastStopAt = service.sent.findLast(({ name }) => name === 'stop')?.at ?? Infinity;
    if (job.restartsTaken.some((at) => at > lastStopAt)) return false;
    // Known from the time after the end too: a restart that is still at work may yet move the job.
    const came = statusesFrom(run, endedAt, Infinity).find(isStartingOrUp);
    return came !== undefined && `it is said to be stopped, and is ${came}`;
  },

  'it ends in time': (run) => endsLate(run),

  'steps grow with the logarithm of the time': ({
    hands,
    job,
    endedAt,
    startedAt,
    signals,
    temporal,
  }) => {
    const seconds = (endedAt - startedAt) / 1_000;
    const happened = job.truth.length + signals + temporal.kills.length;
    const allowed = 30 + 14 * Math.log2(1 + seconds) + 10 * happened;
    const steps = hands.calls.length;
    return (
      steps > allowed &&
      `${steps} steps in ${Math.round(seconds)} s, ${Math.round(allowed)} allowed`
    );
  },
};

export const RULE_NAMES = Object.keys(RULES);

/** What the run did that it must not do; empty where all is well. */
export function verdictOn(run: Run): string[] {
  return Object.entries(RULES).flatMap(([name, rule]) => {
    const broken = rule(run);
    return broken === false ? [] : [`${name}: ${broken}`];
  });
}

function isRequest(name: string): boolean {
  return name === 'restart' || name === 'stop';
}

function outcomeIsFalse(run: Run): string | false {
  const { outcome: end, job, service, plan, endedAt, cancelledAt, hands } = run;
  if (end === undefined) return false;
  const restarts = service.sent.filter(({ name }) => name === 'restart');
  const isUnsure = restarts.some(({ answer }) => answer === 'ambiguous' || answer === 'pending');
  const wasLost = isUnsure || hands.calls.some(({ name }) => name === 'restart');
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
      // It ended between the look and the request: that is told apart by the settle time alone.
      const hadItsTime =
        endedAt >= Math.min(firstSentAt + plan.options.settleTimeMs, run.deadlineMs);
      // Somebody moved it twice in that moment: no look could tell.
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
        job.stopsTaken.some((at) => at > lastOtherHandAt)
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
      return !wasLost && 'no request was lost';
    case 'canceled':
      return cancelledAt === undefined && 'nobody cancelled it';
  }
}

/** The statuses that the job truly had from this instant on. */
function statusesFrom({ job, endedAt }: Run, fromMs: number, toMs = endedAt): number[] {
  const later = job.truth.filter(({ at }) => at > fromMs && at <= toMs);
  return [job.statusAt(fromMs), ...later.map(({ code }) => code)];
}

/** The job was where it should be well before the deadline, and nothing kept the look at the deadline from seeing it. */
function wasThereInTime({ job, plan, service, temporal, deadlineMs, endedAt }: Run): boolean {
  const wanted = plan.options.until === 'running' ? 8 : 10;
  const sinceMs = deadlineMs - plan.longestLagMs - plan.exchangeMs - LONGEST_SKEW_MS - 5_000;
  const stayed = statusesFrom({ job, endedAt } as Run, sinceMs).every((code) => code === wanted);
  const quietFromMs = deadlineMs - 5 * 60_000;
  const isQuiet = !service.faults.some(({ at }) => at >= quietFromMs);
  const isUp = temporal.lastUpAt <= deadlineMs && !temporal.kills.some((at) => at >= deadlineMs);
  const cameThere = job.truth.some(
    ({ at, code }) => code === wanted && at >= (service.sent[0]?.at ?? 0) && at <= endedAt,
  );
  return stayed && cameThere && isQuiet && isUp && temporal.isUp;
}

function endsLate(run: Run): string | false {
  const { plan, temporal, deadlineMs, endedAt, cancelledAt, service, hands } = run;
  const exchangeMs = plan.exchangeMs + SLACK_MS;
  const requestMs = SEND_WITHIN_MS + exchangeMs;
  // A worker that is away can end nothing: the time counts from when it is back.
  const backAt = temporal.isUp ? temporal.lastUpAt : Infinity;
  const isCalm = temporal.kills.length === 0 && service.faults.length === 0;
  let limitMs =
    deadlineMs +
    (isCalm
      ? plan.exchangeMs + LONGEST_SKEW_MS + 2_000
      : requestMs + 2 * exchangeMs + LONGEST_SKEW_MS);
  const lastSent = hands.calls.findLast(({ name }) => isRequest(name));
  if (isCalm && lastSent !== undefined && lastSent.at > deadlineMs - requestMs)
    limitMs += requestMs;
  if (cancelledAt !== undefined) {
    const isStopped = plan.options.onCancel === 'stop';
    limitMs = cancelledAt + requestMs + LONGEST_SKEW_MS;
    if (isStopped)
      limitMs += CANCEL_LIMIT_MS + plan.options.settleTimeMs + requestMs + 2 * exchangeMs;
  }
  limitMs = Math.max(limitMs, backAt + requestMs + 2 * exchangeMs);
  return endedAt > limitMs && `${Math.round((endedAt - limitMs) / 1_000)} s late`;
}

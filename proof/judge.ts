import { isDown, isStartingOrUp } from '../src/domain/status.js';
import { LONGEST_SKEW_MS, outcomeIsFalse, statusesFrom } from './outcome-rules.js';
import type { Call } from './simulated-hands.js';
import { RECORD_RULES } from './record-rules.js';
import type { Run } from './world.js';

const SLACK_MS = 10_000;
const SEND_WITHIN_MS = 10_000;
const CANCEL_PATIENCE_MS = 2 * 60_000;
const CANCEL_LIMIT_MS = 10 * 60_000;

/** What a run must not do. Each rule returns how the run broke it, or `false`. */
const RULES: Record<string, (run: Run) => string | false> = {
  ...RECORD_RULES,

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

  'a stop on cancel is for a restart that was sent': ({ hands }) => {
    const stops = hands.calls.filter(({ name, cancelled }) => cancelled && name === 'stop');
    const wasRequested = hands.calls.some(({ name }) => name === 'restart');
    return stops.length > 0 && !wasRequested && 'it stopped a job that it had not restarted';
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
      // A look from before the last request or pause is not fresh.
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
        !isLookUnderWay(hands.calls, at) &&
        !hands.calls.some((call) => call.looksAtOnce && call.at >= at && call.at <= at + longestMs),
    );
    return lost !== undefined && 'no look was made';
  },

  'the outcome is true': (run) => outcomeIsFalse(run),

  'a stop that is reported has happened': (run) => {
    const { stoppedOnCancel, job, endedAt, service } = run;
    if (stoppedOnCancel !== true) return false;
    if (job.otherHands.some((at) => at > endedAt - 120_000)) return false;
    // A restart request may arrive only after the stop, and no client can know of that.
    const lastStopAt = service.sent.findLast(({ name }) => name === 'stop')?.at ?? Infinity;
    if (job.restartsTaken.some((at) => at > lastStopAt)) return false;
    // Checks the time after the end too, because a restart in progress may move the job later.
    const came = statusesFrom(run, endedAt, Infinity).find(isStartingOrUp);
    return came !== undefined && `it is said to be stopped, and is ${came}`;
  },

  'a stop on cancel ends with a refusal that names a down status, once its patience is over': (
    run,
  ) => {
    const { cancelledAt = Infinity, service, plan } = run;
    const stops = service.sent.filter(({ name, at }) => name === 'stop' && at >= cancelledAt);
    const patienceMs = Math.max(CANCEL_PATIENCE_MS, plan.options.settleTimeMs);
    const overAt = (stops[0]?.at ?? Infinity) + patienceMs + plan.exchangeMs;
    const final = stops.findIndex(
      ({ at, jobStatus = 0, answer }) => at > overAt && answer === 'refused' && isDown(jobStatus),
    );
    return final >= 0 && final < stops.length - 1 && `${stops.length - 1 - final} more were sent`;
  },

  'a stop on cancel is not given up for a down status that no look has shown': (run) => {
    const { events, outcome, service } = run;
    const last = service.sent.findLast(({ name }) => name === 'stop');
    const isRefused = last?.answer === 'refused' && isDown(last.jobStatus ?? 0);
    const isGivenUp = events.at(-1)?.endsWith('could not stop it: refused') === true;
    const isOfTheStop = outcome?.error?.code === 'ModelArts.0105';
    const shown = outcome?.last?.code ?? 0;
    return isGivenUp && isOfTheStop && isRefused && !isDown(shown) && `looks showed ${shown}`;
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

/** Which rules the run broke, and how; empty if none. */
export function verdictOn(run: Run): string[] {
  return Object.entries(RULES).flatMap(([name, rule]) => {
    const broken = rule(run);
    return broken === false ? [] : [`${name}: ${broken}`];
  });
}

/** Whether a look is in flight already, so that another one would show no more. */
function isLookUnderWay(calls: readonly Call[], at: number): boolean {
  const last = calls.findLast((call) => call.at <= at);
  return last !== undefined && last.looksAtOnce && last.endsWithReading;
}

function isRequest(name: string): boolean {
  return name === 'restart' || name === 'stop';
}

function endsLate(run: Run): string | false {
  const { plan, temporal, deadlineMs, endedAt, cancelledAt, service, hands } = run;
  const exchangeMs = plan.exchangeMs + SLACK_MS;
  const requestMs = SEND_WITHIN_MS + exchangeMs;
  // No run can end without a worker, so the limit counts from when one is back.
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

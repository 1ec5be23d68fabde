import { isDeepStrictEqual } from 'node:util';
import { failureOf } from '../src/domain/failures.js';
import { KEYS } from './kit.js';
import { OUTCOME_RULES, stopOnCancelFailed } from './outcome-rules.js';
import {
  deadlineOf,
  readings,
  requestCalls,
  REQUESTS,
  restartsTaken,
  TOLERANCE_MS,
  type Run,
} from './run.js';

/**
 * How long after its deadline a run may end: a request may be in flight, a look may be repeated, and
 * workers may have to come back.
 */
const LATE_MS = 90_000;
/**
 * How long after a cancellation that asks for a stop a run may end, besides the settle time. The
 * protocol repeats a refused stop for two minutes, pauses for at most a quarter of that, and sends a
 * last request.
 */
const CANCEL_MS = 180_000 + LATE_MS;

/** Returns how the run broke the rule, or `false`. */
type Rule = (run: Run) => string | false;

/** For every run. */
const FOR_ALL: Record<string, Rule> = {
  'it ends': ({ story }) => {
    const as = story.close?.as;
    return (as === undefined || as === 'terminated' || as === 'timed-out') && (as ?? 'it runs on');
  },

  'no workflow task fails': ({ story }) => story.taskFailures[0] ?? false,

  'its history stays small': ({ story }) => {
    // A try that sends nothing, or finds nothing, costs about twenty events. The number of tries
    // grows with the logarithm of the time. A nudge ends a wait and starts another.
    if (story.close === undefined) return false;
    const seconds = (story.close.at - story.startedAt) / 1_000;
    const allowed = 70 + 20 * Math.log2(1 + seconds) + 25 * story.nudges;
    return story.events > allowed && `${story.events} events, ${Math.round(allowed)} allowed`;
  },

  'its history holds no secret': ({ story }) => {
    const found = Object.entries(KEYS).find(([, secret]) => story.text.includes(secret));
    return found !== undefined && `the ${found[0]} is in it`;
  },

  'it ends as its outcome says': ({ story, outcome }) => {
    const { close } = story;
    if (close === undefined) return false;
    if (outcome === undefined) return `it ${close.as} without an outcome (${close.type})`;
    const as =
      outcome.outcome === 'canceled' && close.as === 'canceled'
        ? 'canceled'
        : failureOf(outcome) === undefined
          ? 'completed'
          : 'failed';
    if (as !== close.as) return `it ${close.as}, with the outcome ${outcome.outcome}`;
    const type = failureOf(outcome)?.type;
    return as === 'failed' && type !== close.type && `it failed as ${close.type}, not as ${type}`;
  },

  'it ends in time': (run) => {
    const { story, request, world } = run;
    if (story.close === undefined) return false;
    const isStopped = story.cancelRequested !== undefined && request.onCancel === 'stop';
    const cancelledAt = story.cancelRequested?.at ?? Infinity;
    const dueAt = Math.min(cancelledAt, deadlineOf(run));
    const { at } = story.close;
    // A joiner ends with the restart that it follows, however long somebody's stop of that one takes.
    const followedTo = run.isTheRestart
      ? []
      : run.ofTheJob.map((one) => one.story.close?.at ?? 0).filter((end) => end <= at);
    const limit = Math.max(
      Math.max(dueAt, world.calmSince) + (isStopped ? CANCEL_MS + request.settleTimeMs : LATE_MS),
      ...followedTo.map((end) => end + LATE_MS),
    );
    return at > limit && `${Math.round((at - limit) / 1_000)} s late`;
  },
};

/** For *the* restart of a job. */
const FOR_THE_RESTART: Record<string, Rule> = {
  'at most one restart is taken': (run) => {
    const most = run.request.ifUnknown === 'repeat' ? 2 : 1;
    const taken = restartsTaken(run).length;
    return taken > most && `${taken} were taken`;
  },

  'each request arrives once, in the time of its call': (run) => {
    const calls = requestCalls(run);
    const used = new Set<unknown>();
    for (const { at, operation } of run.sent) {
      const call = calls.findLast(
        ({ type, scheduledAt }) => REQUESTS[type] === operation && scheduledAt <= at + TOLERANCE_MS,
      );
      if (call === undefined) return `a ${operation} arrived that the history has no call for`;
      if (used.has(call)) return `the ${operation} of event ${call.eventId} arrived twice`;
      used.add(call);
      const { sendByMs } = call.input as { sendByMs: number };
      const until = Math.min(sendByMs, call.closedAt ?? Infinity) + TOLERANCE_MS;
      if (at > until) return `the ${operation} of event ${call.eventId} came ${at - until} ms late`;
    }
    return false;
  },

  'nothing is sent once cancelled, but for the stop that was asked for': (run) => {
    const { cancelRequested } = run.story;
    if (cancelRequested === undefined) return false;
    const late = requestCalls(run).find((call) => {
      if (call.eventId < cancelRequested.eventId) return false;
      const hadAsked = requestCalls(run, 'restart').some(({ eventId }) => eventId < call.eventId);
      return !(REQUESTS[call.type] === 'stop' && run.request.onCancel === 'stop' && hadAsked);
    });
    return late !== undefined && `event ${late.eventId} schedules ${late.type}`;
  },

  'each request follows a fresh look': (run) => {
    const calls = requestCalls(run);
    const bad = calls.find((call, nth) => {
      // A fresh look was called after the request before, and answered before this one.
      const before = calls[nth - 1]?.eventId ?? 0;
      return !readings(run).some(
        ({ reading, call: look }) =>
          look.eventId > before &&
          (look.closedAt ?? Infinity) <= call.scheduledAt &&
          reading.lookedAt >= look.scheduledAt - TOLERANCE_MS,
      );
    });
    return bad !== undefined && `event ${bad.eventId} schedules ${bad.type} without one`;
  },

  'what it says of its request is true': (run) => {
    const { outcome } = run;
    const taken = restartsTaken(run).length > 0;
    if (outcome?.acceptedAt !== undefined && !taken) return 'accepted, but no restart was taken';
    return outcome?.attached === true && taken && 'attached, but a restart of its own was taken';
  },

  'its outcome is true': (run) => {
    const { outcome } = run;
    if (outcome === undefined) return false;
    const rule = OUTCOME_RULES[outcome.outcome];
    if (rule === undefined) return `nothing here can end as ${outcome.outcome}`;
    const broken = rule({ ...run, outcome });
    return broken !== false && `${outcome.outcome}: ${broken}`;
  },

  'a stop on cancel leaves the job down': stopOnCancelFailed,
};

/** For a run under another id, which starts *the* restart or joins it. */
const FOR_JOINERS: Record<string, Rule> = {
  'it sends nothing itself': (run) => requestCalls(run).length > 0 && 'it sent a request',

  'its outcome is that of the restart that it followed': (run) => {
    const { outcome, story, ofTheJob } = run;
    if (outcome === undefined) return false;
    // No worker took it up before its deadline, so it followed no restart.
    if (outcome.outcome === 'timed-out' && !story.hasStartedChild) {
      return (story.close?.at ?? 0) < deadlineOf(run) && 'it timed out, and the time was not up';
    }
    if (outcome.outcome === 'canceled' && story.close?.as === 'canceled') {
      return story.cancelRequested === undefined && 'nobody cancelled it';
    }
    const same = ofTheJob.find(({ outcome: other }) => other?.startedAt === outcome.startedAt);
    if (same?.outcome === undefined) return `${outcome.outcome}, of no restart that there was`;
    const { attached: _, ...own } = outcome;
    const { attached: __, ...others } = same.outcome;
    return !isDeepStrictEqual(own, others) && 'the restart has another outcome';
  },
};

export const RULE_NAMES = [FOR_ALL, FOR_THE_RESTART, FOR_JOINERS].flatMap((rules) =>
  Object.keys(rules),
);

/** Returns which rules the run broke, and how; empty if none. */
export function verdictOn(run: Run): string[] {
  const rules = { ...FOR_ALL, ...(run.isTheRestart ? FOR_THE_RESTART : FOR_JOINERS) };
  return Object.entries(rules).flatMap(([name, rule]) => {
    const broken = rule(run);
    return broken === false ? [] : [`${name}: ${broken}`];
  });
}

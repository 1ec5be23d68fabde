import { groupOf, isStartingOrUp } from '../src/domain/status.js';
import type { Run } from './world.js';

/** The delay of a change's record that the protocol can't avoid: network and activations. */
const ON_THE_WAY_MS = 600;

/** The parts of an outcome must fit together, and be recorded in time. */
export const RECORD_RULES: Record<string, (run: Run) => string | false> = {
  'a restart that got there by its own request was accepted': ({ outcome: end }) => {
    const isThere = end !== undefined && ['running', 'finished', 'no-effect'].includes(end.outcome);
    return isThere && !end.attached && end.acceptedAt === undefined && end.outcome;
  },

  'what was accepted had been taken': ({ outcome: end, job, service }) => {
    if (end?.acceptedAt === undefined || job.restartsTaken.length > 0) return false;
    if (job.otherHands.length > 0 || service.sent.length === 0) return false;
    return `from ${end.before?.name}`;
  },

  'an attached restart had no request taken': ({ outcome: end, job }) =>
    end?.attached === true &&
    (end.acceptedAt !== undefined || job.restartsTaken.length > 0) &&
    'a request was taken',

  'the transitions lead to the last status': ({ outcome: end }) => {
    const steps = end?.transitions ?? [];
    if (steps.some(({ code }, nth) => steps[nth - 1]?.code === code))
      return 'one status twice in a row';
    return steps.length > 0 && steps.at(-1)!.code !== end!.last!.code && 'to another status';
  },

  'before is there where last is': ({ outcome: end }) =>
    end !== undefined &&
    (end.before === undefined) !== (end.last === undefined) &&
    'one is missing',

  'what is unknown was not accepted': ({ outcome: end, service }) =>
    end?.outcome === 'unknown' &&
    service.looksRefused === 0 &&
    end.acceptedAt !== undefined &&
    'it was accepted',

  'a success has no error': ({ outcome: end }) =>
    end !== undefined &&
    ['running', 'finished'].includes(end.outcome) &&
    end.error !== undefined &&
    end.error.message,

  'no-effect and unknown do not come before the settle time': (run) => {
    const { outcome: end, service, plan, endedAt, deadlineMs } = run;
    const last = service.sent.findLast(({ name }) => name === 'restart');
    if (end === undefined || last === undefined || service.looksRefused > 0) return false;
    if (!['no-effect', 'unknown'].includes(end.outcome)) return false;
    const before = end.before!.code;
    const canNotTell = isStartingOrUp(before) || groupOf(before) === 'odd';
    if (end.outcome === 'unknown' && (canNotTell || last.answer === 'refused')) return false;
    return endedAt < Math.min(last.at + plan.options.settleTimeMs, deadlineMs) && 'too early';
  },

  'each change that lasts is seen within the interval': (run) => {
    const { plan, service, temporal, job, outcome: end, endedAt, deadlineMs, signals } = run;
    const isCalm = service.faults.length === 0 && temporal.kills.length === 0 && signals === 0;
    if (!isCalm || plan.longestLagMs > 0 || run.cancelledAt !== undefined) return false;
    // An attached restart does not record the changes before it attached.
    if (end?.attached !== false) return false;
    // After a restart request that was not taken, no change is recorded.
    const last = service.sent.findLast(({ name }) => name === 'restart');
    const isAsked = last !== undefined && last.answer !== 'refused' && last.answer !== 'not-sent';
    const sentAt = isAsked ? last.at : Infinity;
    const allowedMs = plan.options.pollIntervalMs + ON_THE_WAY_MS;
    const missed = job.truth.find(({ at, code }, nth) => {
      const before = job.truth[nth - 1]?.at ?? 0;
      const until = Math.min(job.truth[nth + 1]?.at ?? Infinity, endedAt, deadlineMs);
      // Skips a change soon after another one, which starts a new wait, and one that doesn't last.
      if (at <= sentAt || at - before < allowedMs || until - at <= allowedMs) return false;
      const seenAt = (end?.transitions ?? [])
        .filter((step) => step.code === code)
        .map((step) => Date.parse(step.at) - plan.skewMs);
      return !seenAt.some((seen) => seen >= at - ON_THE_WAY_MS && seen <= at + allowedMs);
    });
    return missed !== undefined && `${missed.code} was not seen in ${allowedMs} ms`;
  },
};

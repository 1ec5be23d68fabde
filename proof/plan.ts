import type { RestartOptions } from '../src/domain/options.js';
import { Random } from './random.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What happens to the run: at an instant, with the n-th result, or when the n-th attempt starts. */
export interface Incident {
  kind: 'cancel' | 'extend' | 'check-now' | 'kill' | 'other-hand';
  when: { afterMs: number } | { withResult: number } | { atStart: number };
}

/** What one seed decides before the run begins. */
export interface Plan {
  options: RestartOptions;
  /** The job's status at the start. */
  status: number;
  exchangeMs: number;
  /** How far the worker's clock is ahead of Temporal's; negative if it is behind. */
  skewMs: number;
  /** How stale a reading may be when its answer is made; never more than `settleTime`. */
  longestLagMs: number;
  /** The probability that a reading is stale. */
  stale: number;
  /** The probability that an exchange goes wrong. */
  faults: number;
  /** A period in which every exchange, or only every request, goes wrong in the same way. */
  outage: { fromMs: number; toMs: number; ofRequestsAlone: boolean } | undefined;
  /** Whether waits look by pages of the list instead of the detail endpoint. */
  byList: boolean;
  incidents: Incident[];
}

export function planOf(seed: number): { plan: Plan; random: Random } {
  const random = new Random(seed);
  const plan = usualPlan(random);
  const profile = random.weighted({
    usual: 82,
    quiet: 10,
    'old rows': 4,
    'days of throttling': 2,
    'a clock far ahead': 2,
  });
  if (profile === 'quiet') {
    Object.assign(plan, { faults: 0, outage: undefined, incidents: [] });
  } else if (profile === 'old rows') {
    // The wait reads the list, which shows stale rows, while many looks fail.
    plan.byList = true;
    plan.stale = 0.5;
    plan.faults = 0.3;
    plan.outage = undefined;
    plan.longestLagMs = 40 * SECOND;
    Object.assign(plan.options, {
      settleTimeMs: 60 * SECOND,
      timeoutMs: 10 * MINUTE,
      pollIntervalMs: 2 * SECOND,
    });
  } else if (profile === 'a clock far ahead') {
    // Such a worker sends nothing, so its looks are all that counts. They fail as the deadline comes near.
    const timeoutMs = random.pick([120, 600, 3_600]) * SECOND;
    plan.options.timeoutMs = timeoutMs;
    plan.skewMs = random.pick([8, 60, 400]) * SECOND;
    const [fromMs, toMs] = [
      timeoutMs * random.next() * 0.9,
      timeoutMs * (0.9 + random.next() / 10),
    ];
    plan.outage = { fromMs, toMs, ofRequestsAlone: false };
  } else if (profile === 'days of throttling') {
    plan.options.timeoutMs = 7 * DAY;
    plan.options.pollIntervalMs = 10 * MINUTE;
    plan.outage = { fromMs: 0, toMs: random.pick([HOUR, DAY, 8 * DAY]), ofRequestsAlone: true };
    plan.faults = 0;
  }
  return { plan, random };
}

function usualPlan(random: Random): Plan {
  const timeoutMs = random.pick([5, 30, 30, 120, 120, 600, 600, 3_600]) * SECOND;
  const settleTimeMs = random.pick([0, 2, 2, 20, 60]) * SECOND;
  const longestLagMs = random.pick([0, 0, Math.floor(settleTimeMs / 4), settleTimeMs]);
  const outageMs = random.pick([5 * SECOND, MINUTE, timeoutMs, 3 * timeoutMs]);
  const fromMs = random.whole(0, Math.min(timeoutMs, 3 * MINUTE));
  const outage = { fromMs, toMs: fromMs + outageMs, ofRequestsAlone: random.chance(0.3) };
  const pollIntervalMs = Math.max(random.whole(1, 8) * SECOND, Math.ceil(timeoutMs / 300));
  return {
    options: {
      jobId: '10',
      until: random.chance(0.85) ? 'running' : 'finished',
      ifRunning: random.pick(['fail', 'attach', 'stop']),
      onCancel: random.pick(['leave', 'stop']),
      timeoutMs,
      pollIntervalMs,
      settleTimeMs,
      ifUnknown: random.pick(['fail', 'fail', 'repeat']),
    },
    status: random.pick([12, 12, 12, 11, 10, 8, 8, 8, 7, 9, 0, 99]),
    exchangeMs: random.pick([2, 20]) * SECOND,
    skewMs: random.pick([0, 0, random.whole(-5_000, 5_000)]),
    longestLagMs,
    stale: longestLagMs === 0 ? 0 : random.pick([0.1, 0.5]),
    faults: random.pick([0, 0.05, 0.2, 0.5]),
    outage: random.chance(0.25) ? outage : undefined,
    byList: random.chance(0.4),
    incidents: Array.from({ length: random.pick([0, 1, 1, 2, 3]) }, () =>
      incident(random, timeoutMs),
    ),
  };
}

function incident(random: Random, timeoutMs: number): Incident {
  const kind = random.pick([
    'cancel',
    'cancel',
    'extend',
    'check-now',
    'kill',
    'kill',
    'other-hand',
  ] as const);
  const near = Math.min(timeoutMs, 2 * MINUTE);
  const when = random.pick([
    { afterMs: random.whole(0, near) },
    { afterMs: Math.max(0, timeoutMs - random.whole(0, 70 * SECOND)) },
    { withResult: random.whole(1, 8) },
    { withResult: random.whole(1, 8) },
    { atStart: random.whole(1, 8) },
  ]);
  return { kind, when };
}

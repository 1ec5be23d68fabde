import type { RestartRequest } from '../src/domain/request.js';
import { Random } from './random.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Something that happens to the run: at an instant, or together with the result of its n-th call. */
export interface Incident {
  kind: 'cancel' | 'extend' | 'check-now' | 'kill' | 'other-hand';
  when: { afterMs: number } | { withResult: number } | { atStart: number };
}

/** What one seed decides before the run begins. */
export interface Plan {
  options: RestartRequest;
  /** The job's status at the start. */
  status: number;
  exchangeMs: number;
  /** The worker's clock is ahead of Temporal's by this, or behind. */
  skewMs: number;
  /** Readings are older than their answers by this at the most; never longer than `settleTime`. */
  longestLagMs: number;
  /** How likely a reading is older than it need be. */
  stale: number;
  /** How likely an exchange goes wrong. */
  faults: number;
  /** Each exchange in such a time goes wrong in the same way. */
  outage: { fromMs: number; toMs: number } | undefined;
  /** Where looks wait for a change: at the job alone, or by pages of the list. */
  byList: boolean;
  incidents: Incident[];
}

export function planOf(seed: number): { plan: Plan; random: Random } {
  const random = new Random(seed);
  const timeoutMs = random.pick([
    5 * SECOND,
    30 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    2 * MINUTE,
    10 * MINUTE,
    60 * MINUTE,
    random.chance(0.05) ? 7 * DAY : 10 * MINUTE,
  ]);
  const settleTimeMs = random.pick([0, 2 * SECOND, 2 * SECOND, 20 * SECOND, 60 * SECOND]);
  const isQuiet = random.chance(0.15);
  const longestLagMs = random.pick([0, 0, Math.floor(settleTimeMs / 4), settleTimeMs]);
  const outageMs = random.pick([5 * SECOND, MINUTE, timeoutMs, 3 * timeoutMs]);
  const outageFromMs = random.whole(0, Math.min(timeoutMs, 3 * MINUTE));
  const plan: Plan = {
    options: {
      jobId: '10',
      until: random.chance(0.85) ? 'running' : 'finished',
      ifRunning: random.pick(['fail', 'attach', 'stop']),
      onCancel: random.pick(['leave', 'stop']),
      timeoutMs,
      pollIntervalMs: Math.min(10 * MINUTE, Math.max(random.whole(1, 8) * SECOND, Math.ceil(timeoutMs / 300))),
      settleTimeMs,
      ifUnknown: random.pick(['fail', 'fail', 'repeat']),
    },
    status: random.pick([12, 12, 12, 11, 10, 8, 8, 8, 7, 9, 0, 99]),
    exchangeMs: random.pick([2 * SECOND, 20 * SECOND]),
    skewMs: random.pick([0, 0, random.whole(-5_000, 5_000)]),
    longestLagMs,
    stale: longestLagMs === 0 ? 0 : random.pick([0.1, 0.5]),
    faults: isQuiet ? 0 : random.pick([0, 0.05, 0.2, 0.5]),
    outage: !isQuiet && random.chance(0.25) ? { fromMs: outageFromMs, toMs: outageFromMs + outageMs } : undefined,
    byList: random.chance(0.4),
    incidents: [],
  };
  if (!isQuiet) {
    for (let count = random.pick([0, 1, 1, 2, 3]); count > 0; count -= 1) {
      plan.incidents.push(incident(random, timeoutMs));
    }
  }
  return { plan, random };
}

function incident(random: Random, timeoutMs: number): Incident {
  const kind = random.pick(['cancel', 'cancel', 'extend', 'check-now', 'kill', 'kill', 'other-hand'] as const);
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

import { addJobs } from '../restarts.js';
import { startWorker } from '../stage.js';
import type { Found } from './figure.js';
import { gatewayFor, scaleInWords } from './gateway.js';
import { allUp, KILLED, outcomesOf, startRestarts, throttledOf, upAfter } from './restarts.js';
import type { Scene } from './scene.js';

/** How long after the first refusal the calls that were on their way may still be refused. */
const ON_THE_WAY_MS = 500;

/** A run that takes this many times the least possible time has failed. */
const GIVE_UP_AFTER = 8;

/** Restarts jobs at once under the gateway's limit, which the worker has been told, or learns. */
export async function limited(
  { kit, stage, ids, scale }: Scene,
  { told }: { told: boolean },
): Promise<Found> {
  const { limit, setting, upAfterMs, pace, leastMs } = gatewayFor(ids.length, scale);
  await stage.simulator.setRateLimits([limit]);
  await startWorker(kit, stage, { env: told ? { MODELARTS_RATE_LIMIT: setting } : {} });
  await addJobs(stage, ids, { status: KILLED, timelines: { restart: upAfter(upAfterMs) } });
  const from = Date.now();
  await startRestarts(stage, ids, { pollInterval: `${pace.pollMs}ms` });
  await allUp(stage, ids, GIVE_UP_AFTER * leastMs);
  const ends = (await outcomesOf(stage, ids)).map(({ endedAt }) => Date.parse(endedAt));
  const accepted = (await stage.simulator.jobs()).map(({ lastAcceptedAt = NaN }) => lastAcceptedAt);
  const requests = await stage.simulator.requests(from);
  const throttled = throttledOf(requests);
  const knownAt = told ? -Infinity : (throttled[0]?.at ?? 0) + ON_THE_WAY_MS;
  const lastEnd = Math.max(...ends) - from;
  const how = `${ids.length} restarts, limit ${told ? 'told' : 'learnt'}`;
  return {
    lines: [scaleInWords(ids.length, scale)],
    figures: [
      {
        what: `${how}: time without the job's own / least possible`,
        value: (lastEnd - upAfterMs) / leastMs,
        unit: '×',
        digits: 2,
        limit: { atMost: 1.15 },
      },
      {
        what: `${how}: 429s after the limit is known`,
        value: throttled.filter(({ at }) => at > knownAt).length,
        unit: '',
        limit: { atMost: 0 },
      },
      { what: '  429s in all', value: throttled.length, unit: '' },
      { what: '  calls beyond one request each', value: requests.length - ids.length, unit: '' },
      {
        what: '  last request taken',
        value: (Math.max(...accepted) - from) / 1_000,
        unit: 's',
        digits: 1,
      },
      { what: '  last restart ended', value: lastEnd / 1_000, unit: 's', digits: 1 },
      { what: '  least possible', value: leastMs / 1_000, unit: 's', digits: 1 },
    ],
  };
}

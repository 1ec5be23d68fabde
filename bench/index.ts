import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { cache } from './cache.js';
import { fleet, fleetOptions, FLEET_USAGE } from './fleet/index.js';
import { handover } from './handover.js';
import { history } from './history.js';
import type { Kit, Report } from './kit.js';
import { latency } from './latency.js';
import { waits } from './waits.js';

export type { Kit } from './kit.js';

const NAMES = ['history', 'latency', 'handover', 'waits', 'cache', 'fleet'] as const;
type Name = (typeof NAMES)[number];

export const USAGE = `usage: npm run bench -- [${NAMES.join('|')} …] [--jobs 1000] [--every 10s] [--seconds 96]

  history    events in the histories of a restart of 3 s and one of 60 s
  latency    time from a change of status until Temporal has recorded it
  handover   time until others take over the waits of a worker that stops, or is killed
  waits      CPU and memory of waiting restarts, compared with one look per attempt
  cache      cost of a burst of starts, for several sizes of the workflow cache
  fleet      many restarts at once: their calls, times and cost, compared with other patterns

${FLEET_USAGE}`;

/** A Temporal server that is there already. */
interface ServerThere {
  address: string;
  pids: number[];
}

/** What to measure, and where. */
interface Wanted {
  names: Name[];
  /** Absent: on a server that is started for the measurement. */
  server?: ServerThere;
  measure(name: Name, kit: Kit): Promise<Report>;
}

/** Returns what to measure, or `undefined` if the arguments make no sense. */
export function readArguments(args: string[]): Wanted | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        jobs: text,
        every: text,
        seconds: text,
        only: text,
        scale: text,
        against: text,
        address: text,
        'server-pid': text,
      },
    });
    const names = positionals.map((name) => NAMES.find((known) => known === name));
    const jobs = whole(values.jobs);
    const everySeconds = whole(values.every?.replace(/s$/, ''), 10)!;
    const seconds = whole(values.seconds, 96)!;
    const forFleet = fleetOptions(values, jobs);
    const measurements: Record<Name, (kit: Kit) => Promise<Report>> = {
      history,
      latency: (kit) => latency(kit, { jobs: jobs ?? 30 }),
      handover: (kit) => handover(kit, { jobs: jobs ?? 200 }),
      waits: (kit) => waits(kit, { jobs: jobs ?? 1_000, everySeconds, seconds }),
      cache: (kit) => cache(kit, { jobs: jobs ?? 500 }),
      fleet: (kit) => fleet(kit, forFleet),
    };
    const chosen = names.filter((name) => name !== undefined);
    if (chosen.length < names.length) return undefined;
    const server = serverThere(values);
    // The others count on a server without other work.
    if (server !== undefined && chosen.join() !== 'fleet') return undefined;
    return {
      names: chosen.length === 0 ? NAMES.filter((name) => name !== 'fleet') : chosen,
      ...(server !== undefined && { server }),
      measure: (name, kit) => measurements[name](kit),
    };
  } catch {
    return undefined;
  }
}

function serverThere(values: {
  address?: string | undefined;
  'server-pid'?: string | undefined;
}): ServerThere | undefined {
  const { address, 'server-pid': pids } = values;
  if (address === undefined) return undefined;
  return { address, pids: pids === undefined ? [] : pids.split(',').map((pid) => whole(pid)!) };
}

function whole(text: string | undefined, fallback?: number): number | undefined {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new TypeError(`not a whole number above 0: ${text}`);
  return Number(text);
}

/** Describes the machine that the figures come from. */
export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model ?? 'unknown CPU';
  return `${availableParallelism()} cores (${model}), ${memory} GiB, Node ${process.version}`;
}

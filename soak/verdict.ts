import { table } from '../bench/table.js';
import { KEYS } from '../chaos/kit.js';
import { SERVICE_FAULTS } from '../chaos/service-faults.js';
import type { Aftermath } from './soak.js';
import { growthIn, lowestOfEachMinute, riseOf } from './trend.js';

const TEN_MINUTES_MS = 600_000;

/** In so long a worker has loaded what it loads once, and filled its cache of workflows. */
const WARM_UP_MS = TEN_MINUTES_MS;

const MOST_GROWTH_KB = 1_000;

/** Each call has a connection of its own, and some tens are under way at a time. */
const MOST_SOCKETS = 200;
const MOST_FILES = 60;

/** The connections that are under way at two instants differ by some. */
const MOST_RISE = 20;

/** What Node prints of an error that nobody has caught, and of a promise that nobody has. */
const UNHANDLED = /unhandled|uncaught|MaxListenersExceeded/i;

/** A rule for the worker as a whole: its name, what was found, and whether that is good. */
interface Check {
  name: string;
  found: string;
  limit: string;
  /** Absent if the run was too short to tell. */
  isMet?: boolean;
}

/** Judges a soak, and returns the lines to print. A rule that the run was too short for is not counted. */
export function judge(aftermath: Aftermath): { lines: string[]; passed: number; failed: number } {
  const { waves } = aftermath;
  const checks = [...resources(aftermath), ...log(aftermath), ...faults(aftermath)];
  const broken = waves.flatMap((wave) => wave.broken);
  const good = waves.reduce((sum, wave) => sum + wave.good, 0);
  const told = checks.map(({ name, found, limit, isMet }) => [
    name,
    found,
    limit,
    isMet === undefined ? 'too short to tell' : isMet ? 'met' : 'NOT MET',
  ]);
  const lines = [
    ...table([['outcome', 'runs'], ...counts(waves.map(({ outcomes }) => outcomes))]),
    '',
    ...table([['the worker', 'found', 'limit', ''], ...told]),
    ...broken.map((what) => `✗ ${what}`),
  ];
  const met = checks.filter(({ isMet }) => isMet === true).length;
  const missed = checks.filter(({ isMet }) => isMet === false).length;
  return { lines, passed: good + met, failed: broken.length + missed };
}

function resources({ samples, beganAt }: Aftermath): Check[] {
  const warm = samples.filter(({ atMs }) => atMs >= beganAt + WARM_UP_MS);
  const memory = lowestOfEachMinute(warm.map(({ atMs, rssKb }) => ({ atMs, value: rssKb })));
  const growth = growthIn(TEN_MINUTES_MS, memory);
  // Ten values, because the lowest of a minute still differs from the next by some megabytes.
  const isLong = memory.length >= 10;
  const last = samples.at(-1);
  return [
    {
      name: 'memory, growth in 10 min',
      found: isLong ? `${(growth / 1_000).toFixed(2)} MB` : `${mb(last?.rssKb)} MB in use`,
      limit: `${MOST_GROWTH_KB / 1_000} MB`,
      ...(isLong && { isMet: growth <= MOST_GROWTH_KB }),
    },
    ...(['sockets', 'files'] as const).flatMap((kind): Check[] => {
      const most = kind === 'sockets' ? MOST_SOCKETS : MOST_FILES;
      const all = samples.map((sample) => sample[kind]);
      const highest = Math.max(0, ...all);
      const rise = riseOf(warm.map((sample) => sample[kind]));
      return [
        {
          name: `open ${kind}, most`,
          found: `${highest}`,
          limit: `${most}`,
          isMet: all.length > 0 && highest <= most,
        },
        {
          name: `open ${kind}, last quarter above first`,
          found: isLong ? `${rise}` : '–',
          limit: `${MOST_RISE}`,
          ...(isLong && { isMet: rise <= MOST_RISE }),
        },
      ];
    }),
  ];
}

function log({ log: lines, deserters }: Aftermath): Check[] {
  const unhandled = lines.filter((line) => UNHANDLED.test(line));
  const exposed = lines.filter((line) => Object.values(KEYS).some((key) => line.includes(key)));
  const none = (name: string, found: readonly string[]): Check => ({
    name,
    found: found.length === 0 ? '0' : `${found.length}, such as ${found[0]}`,
    limit: '0',
    isMet: found.length === 0,
  });
  return [
    none('ended by itself', deserters),
    none('unhandled rejections', unhandled),
    none('log lines with a secret', exposed),
  ];
}

/** A soak in which no request failed has shown nothing. */
function faults({ waves }: Aftermath): Check[] {
  const struck = waves.flatMap((wave) => [...wave.struck]);
  const requests = waves.reduce((sum, wave) => sum + wave.requests, 0);
  const all = struck.reduce((sum, [, times]) => sum + times, 0);
  const share = (100 * all) / requests;
  const kinds = SERVICE_FAULTS.filter((name) =>
    struck.some(([other, times]) => other === name && times > 0),
  );
  return [
    {
      name: 'requests struck by a fault',
      found: `${all} of ${requests}, ${share.toFixed(1)} %: ${kinds.join(', ')}`,
      limit: 'about 5 %',
      isMet: share > 2 && share < 10,
    },
  ];
}

function counts(maps: readonly ReadonlyMap<string, number>[]): string[][] {
  const sum = new Map<string, number>();
  for (const [name, count] of maps.flatMap((map) => [...map])) {
    sum.set(name, (sum.get(name) ?? 0) + count);
  }
  return [...sum].toSorted(([, a], [, b]) => b - a).map(([name, count]) => [name, String(count)]);
}

const mb = (kb = 0): string => (kb / 1_000).toFixed(0);

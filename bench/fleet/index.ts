import path from 'node:path';
import type { Kit, Report } from '../kit.js';
import { startServer } from '../stage.js';
import { batchInRounds, batchOfJobsThatAreUp } from './batches.js';
import { burst } from './burst.js';
import { calls, lone } from './calls.js';
import { figureTable, isMet, type Figure, type Found } from './figure.js';
import { limited } from './limited.js';
import { patterns } from './patterns.js';
import { onScene, type Scene } from './scene.js';
import { throughput } from './throughput.js';
import { detection, manyWaits } from './waits.js';

/** Each part, and how many jobs it has. */
const PARTS = {
  calls: { jobs: 500, measure: calls },
  lone: { jobs: 20, measure: lone },
  told: { jobs: 1_000, measure: (scene: Scene) => limited(scene, { told: true }) },
  learnt: { jobs: 1_000, measure: (scene: Scene) => limited(scene, { told: false }) },
  detection: { jobs: 500, measure: detection },
  waits: { jobs: 10_000, measure: (scene: Scene) => manyWaits(scene) },
  'two-workers': { jobs: 5_000, measure: (scene: Scene) => manyWaits(scene, 2) },
  'batch-up': { jobs: 10_000, measure: batchOfJobsThatAreUp },
  'batch-rounds': { jobs: 1_000, measure: batchInRounds },
  burst: { jobs: 1_000, measure: burst },
  throughput: { jobs: 1_000, measure: throughput },
  patterns: { jobs: 1_000, measure: patterns },
} satisfies Record<string, { jobs: number; measure: (scene: Scene) => Promise<Found> }>;

type PartName = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as PartName[];

/** The default: time under a limit passes twenty times as fast as in reality. A part then takes minutes. */
const SCALE = 20;

export interface FleetOptions {
  /** Default: all, in order. */
  only: readonly PartName[];
  /** In place of each part's own number, for a smoke test. */
  jobs?: number;
  scale: number;
  /** The `dist/worker.js` of another build, which a lone restart is compared with. */
  against?: string;
}

/** Reads `--only`, `--scale` and `--against`. Throws a TypeError if they make no sense. */
export function fleetOptions(
  { only, scale, against }: Partial<Record<'only' | 'scale' | 'against', string | undefined>>,
  jobs: number | undefined,
): FleetOptions {
  const names = only?.split(',').map((name) => NAMES.find((known) => known === name)) ?? NAMES;
  const known = names.filter((name) => name !== undefined);
  const times = Number(scale ?? SCALE);
  // The gateway's window, 300 s, must stay a whole number of seconds.
  if (known.length < names.length || !Number.isInteger(300 / times)) {
    throw new TypeError('no such part or scale');
  }
  return {
    only: known,
    scale: times,
    ...(jobs !== undefined && { jobs }),
    ...(against !== undefined && { against: path.resolve(against) }),
  };
}

export const FLEET_USAGE = `fleet also takes
  --only ${NAMES.join(',')}
  --scale ${SCALE}       divides the times of a limited gateway: 1, 2, 5, 10, 20, 60
  --jobs 20        for a smoke test
  --against dist/worker.js   of another build, which a lone restart is compared with
  --address host:port [--server-pid pid,pid]   a Temporal server that is there already
`;

/** Measures many restarts at once, part by part. A part that fails does not stop the others. */
export async function fleet(kit: Kit, options: FleetOptions): Promise<Report> {
  const { only, jobs, scale } = options;
  const server = await startServer(kit);
  const figures: Figure[] = [];
  const lines: string[] = [];
  let failed = false;
  let chart: string | undefined;
  for (const name of only) {
    const { measure, jobs: own } = PARTS[name];
    const size = { ...options, jobs: jobs ?? own };
    kit.say(`${name}, ${size.jobs} jobs`);
    try {
      const found = await onScene(kit, server, size, (scene: Scene): Promise<Found> =>
        measure(scene),
      );
      if (found.lines !== undefined) lines.push(...found.lines, '');
      figures.push(...found.figures);
      chart ??= found.chart;
      for (const line of figureTable(found.figures)) kit.say(line);
    } catch (error) {
      failed = true;
      lines.push(`${name} failed: ${(error as Error).message}`, '');
      kit.say(`${name} failed: ${(error as Error).stack}`);
    }
  }
  const head = `each part with a simulator of its own, on one Temporal server (${server.address})`;
  return {
    lines: [head, '', ...lines, ...figureTable(figures)],
    met: !failed && figures.every(isMet),
    ...(chart !== undefined && {
      chart: { svg: chart, isFull: jobs === undefined && scale === SCALE },
    }),
  };
}

import { defined } from '../../src/domain/defined.js';
import { inParallel } from '../in-parallel.js';
import { type Usage, usageOf, usageOfTrees } from '../processes.js';
import { addJobs } from '../restarts.js';
import { startWorker, type Stage } from '../stage.js';
import type { Figure, Found } from './figure.js';
import { KILLED, outcomesOf, RUNNING, startRestarts } from './restarts.js';
import type { Scene } from './scene.js';

/** How many run at a time: enough to keep the worker busy. */
const AT_ONCE = 300;

/** How many run before the measurement, so that code is compiled and connections are open. */
const WARM_UP = 50;

/** Workflows of one kind, and the worker that runs them. */
interface Kind {
  name: string;
  run: (stage: Stage, jobId: string) => Promise<void>;
  program?: string;
}

/** What the workflows of one kind took. */
interface Taken {
  ms: number;
  workerCpuMs: number;
  serverCpuMs: number;
  /** Of the simulator, and of this process, which starts the workflows and waits for their ends. */
  otherCpuMs: number;
}

/**
 * Compares restarts with workflows that run two activities which do nothing, and with workflows that have as many
 * activities and search attributes as a restart. In turn on one server.
 */
export async function throughput(scene: Scene): Promise<Found> {
  const { stage, ids, kit } = scene;
  await addJobs(stage, ids, {
    status: KILLED,
    timelines: { restart: [{ afterMs: 0, status: RUNNING }] },
  });
  const program = kit.usualWorker;
  const bare = { name: 'bare workflows of two activities', run: runUsual('bare'), program };
  const like = { name: 'workflows like a restart', run: runUsual('likeRestart'), program };
  const ours: Kind = { name: 'restarts', run: runRestart };
  const kinds: Kind[] = [bare, like, ours];
  const taken = new Map<Kind, Taken>(
    kinds.map((kind) => [kind, { ms: 0, workerCpuMs: 0, serverCpuMs: 0, otherCpuMs: 0 }]),
  );
  // In two halves, in turn, so that a machine that gets slower affects all alike.
  const half = Math.ceil(ids.length / 2);
  for (const some of [ids.slice(0, half), ids.slice(half)]) {
    for (const kind of kinds) await measure(scene, some, kind, taken.get(kind)!);
  }
  const measured = ids.length - 2 * warmUpOf(half);
  const perSecond = (kind: Kind): number => measured / (taken.get(kind)!.ms / 1_000);
  const figure = (what: string, value: number, unit = '', digits = 1): Figure => ({
    what,
    value,
    unit,
    digits,
  });
  return {
    figures: [
      {
        ...figure(
          `${ours.name} per second / ${bare.name}`,
          perSecond(ours) / perSecond(bare),
          '',
          2,
        ),
        limit: { atLeast: 0.8 },
      },
      figure(`  / ${like.name}`, perSecond(ours) / perSecond(like), '', 2),
      ...kinds.flatMap((kind) => {
        const { workerCpuMs, serverCpuMs, otherCpuMs } = taken.get(kind)!;
        return [
          figure(`  ${kind.name} per second`, perSecond(kind)),
          figure('    CPU of the worker for each', workerCpuMs / measured, 'ms'),
          figure('    CPU of the server for each', serverCpuMs / measured, 'ms'),
          figure('    CPU of the simulator and of the callers', otherCpuMs / measured, 'ms'),
        ];
      }),
    ],
  };
}

const warmUpOf = (jobs: number): number => Math.min(WARM_UP, Math.floor(jobs / 2));

/** Adds to `taken`. */
async function measure(
  { kit, stage }: Scene,
  ids: readonly string[],
  { run, program }: Kind,
  taken: Taken,
): Promise<void> {
  const worker = await startWorker(kit, stage, defined({ program }));
  const warmUp = warmUpOf(ids.length);
  await inParallel(ids.slice(0, warmUp), AT_ONCE, (jobId) => run(stage, jobId));
  const usage = () =>
    Promise.all([
      usageOf(worker.pid),
      usageOfTrees(stage.serverPids),
      usageOf(stage.simulator.pid),
      usageOf(process.pid),
    ]);
  const [before, server, ...others] = await usage();
  const from = performance.now();
  await inParallel(ids.slice(warmUp), AT_ONCE, (jobId) => run(stage, jobId));
  taken.ms += performance.now() - from;
  const [after, serverAfter, ...othersAfter] = await usage();
  taken.workerCpuMs += 1_000 * (after.cpuSeconds - before.cpuSeconds);
  taken.serverCpuMs += 1_000 * (serverAfter.cpuSeconds - server.cpuSeconds);
  const cpuOf = (usages: Usage[]) => usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  taken.otherCpuMs += 1_000 * (cpuOf(othersAfter) - cpuOf(others));
  await worker.close();
}

async function runRestart(stage: Stage, jobId: string): Promise<void> {
  await startRestarts(stage, [jobId], {});
  await outcomesOf(stage, [jobId]);
}

const runUsual =
  (type: 'bare' | 'likeRestart') =>
  async ({ client, simulator, taskQueue }: Stage, jobId: string): Promise<void> => {
    const workflowId = `${type}:${simulator.projectId}:${jobId}`;
    await client.workflow.execute(type, { workflowId, taskQueue, args: [jobId] });
  };

import { inParallel } from '../in-parallel.js';
import { addJobs } from '../restarts.js';
import { startWorker, type Stage } from '../stage.js';
import type { Found } from './figure.js';
import { KILLED, outcomesOf, RUNNING, startRestarts } from './restarts.js';
import type { Scene } from './scene.js';

/** How many run at a time: enough to keep the worker busy. */
const AT_ONCE = 100;

/** How many run before the measurement, so that code is compiled and connections are open. */
const WARM_UP = 50;

/** Compares restarts with workflows that run two activities which do nothing, in turn on one server. */
export async function throughput(scene: Scene): Promise<Found> {
  const { stage, ids } = scene;
  await addJobs(stage, ids, {
    status: KILLED,
    timelines: { restart: [{ afterMs: 0, status: RUNNING }] },
  });
  // In two halves, in turn, so that a machine that gets slower affects both alike.
  const half = Math.ceil(ids.length / 2);
  let oursMs = 0;
  let bareMs = 0;
  for (const some of [ids.slice(0, half), ids.slice(half)]) {
    bareMs += await timeOf(scene, some, runBare, { program: scene.kit.usualWorker });
    oursMs += await timeOf(scene, some, runRestart, {});
  }
  const perSecond = (ms: number): number => (ids.length - 2 * warmUpOf(half)) / (ms / 1_000);
  return {
    figures: [
      {
        what: 'restarts per second / bare workflows of two activities per second',
        value: perSecond(oursMs) / perSecond(bareMs),
        unit: '',
        digits: 2,
        limit: { atLeast: 0.8 },
      },
      { what: '  restarts per second', value: perSecond(oursMs), unit: '', digits: 1 },
      { what: '  bare workflows per second', value: perSecond(bareMs), unit: '', digits: 1 },
    ],
  };
}

const warmUpOf = (jobs: number): number => Math.min(WARM_UP, Math.floor(jobs / 2));

async function timeOf(
  { kit, stage }: Scene,
  ids: readonly string[],
  run: (stage: Stage, jobId: string) => Promise<void>,
  options: { program?: string },
): Promise<number> {
  const worker = await startWorker(kit, stage, options);
  const warmUp = warmUpOf(ids.length);
  await inParallel(ids.slice(0, warmUp), AT_ONCE, (jobId) => run(stage, jobId));
  const from = performance.now();
  await inParallel(ids.slice(warmUp), AT_ONCE, (jobId) => run(stage, jobId));
  const ms = performance.now() - from;
  await worker.close();
  return ms;
}

async function runRestart(stage: Stage, jobId: string): Promise<void> {
  await startRestarts(stage, [jobId], {});
  await outcomesOf(stage, [jobId]);
}

async function runBare({ client, simulator, taskQueue }: Stage, jobId: string): Promise<void> {
  const workflowId = `bare:${simulator.projectId}:${jobId}`;
  await client.workflow.execute('bare', { workflowId, taskQueue, args: [] });
}

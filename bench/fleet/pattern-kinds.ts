import { fileURLToPath } from 'node:url';
import { restartId } from '../../src/domain/ids.js';
import { inParallel } from '../in-parallel.js';
import { lastRecordedAt } from '../recorded.js';
import { startWorker } from '../stage.js';
import type { LoopTask } from './loop.js';
import type { Pattern, Task } from './pattern.js';
import { startRestarts } from './restarts.js';

const AT_ONCE = 50;

/** `WORKFLOW_EXECUTION_COMPLETED` of Temporal's API. */
const COMPLETED = 2;

type IdOf = (task: Task, jobId: string) => string;

/** What all patterns on Temporal have in common. */
function onTemporal(
  idOf: IdOf,
  { begin, program }: Pick<Pattern, 'begin'> & { program: (task: Task) => string | undefined },
): Omit<Pattern, 'name'> {
  return {
    prepare(task) {
      const { kit, stage, accessKey } = task;
      const path = program(task);
      return startWorker(kit, stage, { accessKey, ...(path !== undefined && { program: path }) });
    },
    begin,
    async isOver({ stage: { client, taskQueue } }) {
      const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
      return (await client.workflow.count(query)).count === 0;
    },
    async account(task) {
      const seenAt = new Map<string, number>();
      let events = 0;
      await inParallel(task.ids, AT_ONCE, async (jobId) => {
        const handle = task.stage.client.workflow.getHandle(idOf(task, jobId));
        const history = await handle.fetchHistory();
        const ofLastRun = history.events?.length ?? 0;
        if (Number(history.events?.at(-1)?.eventType) !== COMPLETED) {
          events += ofLastRun;
          return;
        }
        seenAt.set(jobId, lastRecordedAt(history));
        // A workflow with several runs returns how many events they all have.
        const told: unknown = await handle.result();
        events += typeof told === 'number' ? Math.max(told, ofLastRun) : ofLastRun;
      });
      return { seenAt, events };
    },
  };
}

/** A workflow of the worker in `bench/usual/`. */
function usual(type: 'usualRestart' | 'timerRestart'): Omit<Pattern, 'name'> {
  const idOf: IdOf = ({ stage }, jobId) => `${type}:${stage.simulator.projectId}:${jobId}`;
  return onTemporal(idOf, {
    program: ({ kit }) => kit.usualWorker,
    async begin(task) {
      const { stage, ids, gateway } = task;
      const { client, taskQueue, simulator } = stage;
      await inParallel(ids, AT_ONCE, async (jobId) => {
        const args = [{ projectId: simulator.projectId, jobId }, gateway.pace];
        await client.workflow.start(type, { workflowId: idOf(task, jobId), taskQueue, args });
      });
    },
  });
}

const ours: Pattern = {
  name: 'this worker',
  ...onTemporal(({ stage }, jobId) => restartId(stage.simulator.projectId, jobId), {
    program: () => undefined,
    begin: ({ stage, ids, gateway }) =>
      startRestarts(stage, ids, { pollInterval: `${gateway.pace.pollMs}ms` }),
  }),
};

const UP = /^up (\d+) (\d+)$/gm;

/** One process without Temporal. */
const loop: Pattern = {
  name: 'a loop in a process',
  prepare({ kit, stage, ids, gateway, accessKey }) {
    const task: LoopTask = { jobIds: ids, pace: gateway.pace };
    const program = fileURLToPath(new URL('loop.js', import.meta.url));
    const env = { BENCH_LOOP: JSON.stringify(task) };
    return startWorker(kit, stage, { program, accessKey, env });
  },
  begin(_task, { pid }) {
    process.kill(pid, 'SIGUSR2');
    return Promise.resolve();
  },
  isOver: (_task, child) => Promise.resolve(/^Done$/m.test(child.output())),
  account(_task, child) {
    const seen = [...child.output().matchAll(UP)];
    const seenAt = new Map(seen.map(([, jobId = '', at]) => [jobId, Number(at)]));
    return Promise.resolve({ seenAt, events: NaN });
  },
};

/** The others are compared with the first one. */
export const PATTERNS: readonly [Pattern, ...Pattern[]] = [
  ours,
  { name: 'one look per attempt', ...usual('usualRestart') },
  { name: 'timers in the workflow', ...usual('timerRestart') },
  loop,
];

import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { startSimulator, type Simulator } from '../../simulator/index.js';
import type { RestartOutcome } from '../../src/domain/outcome.js';
import { restartId } from '../../src/domain/ids.js';
import { endAllWorkers, startWorkerProcess } from '../e2e/worker-process.js';
import { beQuiet, eventually, progressWhen } from '../setup/stage.js';
import { callersBundle, connectToTestServer, uniqueTaskQueue } from '../setup/temporal.js';
import type { Door, Seen } from './callers.js';

/**
 * The real worker, behind a real Nexus endpoint, with a simulated ModelArts; and the workflows of
 * another program, on a task queue of their own.
 */
export interface Scene {
  client: Client;
  simulator: Simulator;
  nexus: Door & { door: 'nexus' };
  child: Door & { door: 'child' };
  /** Starts a caller; `tellingCaller` where the type says nothing else. */
  call(door: Door, input: unknown, type?: string): Promise<WorkflowHandle>;
  /** The workflow that stands behind a caller's restart, once it follows *the* restart. */
  following(caller: WorkflowHandle): Promise<WorkflowHandle>;
  theRestart(jobId: string): WorkflowHandle;
  /** Ends the restarts' worker by kill -9 and starts another. */
  replaceWorker(): Promise<void>;
  /** What sets the command line, or a worker, to this scene. */
  variables: Record<string, string>;
  close(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  beQuiet();
  const [env, simulator] = await Promise.all([connectToTestServer(), startSimulator()]);
  const { client, connection, nativeConnection, address } = env;
  const endpoint = `restarts-${randomUUID()}`;
  const taskQueue = uniqueTaskQueue();
  const target = { worker: { namespace: 'default', taskQueue } };
  await connection.operatorService.createNexusEndpoint({ spec: { name: endpoint, target } });
  const variables = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_TASK_QUEUE: taskQueue,
    MODELARTS_ENDPOINT: simulator.url,
    HW_PROJECT_ID: simulator.projectId,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  };
  let restarts = startWorkerProcess(variables);
  await restarts.logged('Listening');
  const callersQueue = uniqueTaskQueue('callers');
  const callers = await Worker.create({
    connection: nativeConnection,
    taskQueue: callersQueue,
    workflowBundle: callersBundle(),
  });
  const running = callers.run();

  return {
    client,
    simulator,
    nexus: { door: 'nexus', endpoint },
    child: { door: 'child', taskQueue },
    call: (door, input, type = 'tellingCaller') =>
      client.workflow.start(type, {
        taskQueue: callersQueue,
        workflowId: `caller-${randomUUID()}`,
        args: [door, input],
      }),
    following: async (caller) => {
      const wrapper = await eventually(async () => {
        const workflowId = await behind(caller);
        return workflowId ? client.workflow.getHandle(workflowId) : undefined;
      });
      await progressWhen(wrapper, ({ restart }) => restart !== undefined);
      return wrapper;
    },
    theRestart: (jobId) => client.workflow.getHandle(restartId(simulator.projectId, jobId)),
    replaceWorker: async () => {
      await restarts.end('SIGKILL');
      restarts = startWorkerProcess(variables);
      await restarts.logged('Listening');
    },
    variables,
    close: async () => {
      callers.shutdown();
      await running;
      const exitCode = await restarts.end('SIGTERM');
      endAllWorkers();
      await simulator.close();
      await env.teardown();
      expect(exitCode).toBe(0);
    },
  };
}

/** What a caller told at its end. */
export async function told(
  caller: WorkflowHandle,
): Promise<{ outcome?: RestartOutcome } & Partial<Seen>> {
  return (await caller.result()) as Awaited<ReturnType<typeof told>>;
}

/** The id of the workflow that a caller started, by either door. */
async function behind(caller: WorkflowHandle): Promise<string | null | undefined> {
  const { events = [] } = await caller.fetchHistory();
  for (const event of events ?? []) {
    const child = event.childWorkflowExecutionStartedEventAttributes;
    if (child) return child.workflowExecution?.workflowId;
    if (event.nexusOperationStartedEventAttributes) {
      return event.links?.[0]?.workflowEvent?.workflowId;
    }
  }
  return undefined;
}

export const STARTING = [{ afterMs: 0, status: 7 }];

/** A restart's input that makes a test quick. */
export const quick = (jobId: string) => ({
  jobId,
  pollInterval: '1s',
  settleTime: '2s',
  timeout: '60s',
});

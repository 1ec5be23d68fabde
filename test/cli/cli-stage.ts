import { openStage, type Stage, type StageOptions } from '../setup/stage.js';
import { callCli } from './call-cli.js';
import {
  endAllCalls,
  startCli,
  type CliEnd,
  type CliProcess,
  type Variables,
} from './cli-process.js';

/** A stage, and the command line set to it. */
export interface CliStage extends Stage {
  variables: Variables;
  /** Runs a call to its end, in this process. */
  run(...args: string[]): Promise<CliEnd>;
  /** Starts a call, in a process of its own. */
  begin(...args: string[]): CliProcess;
}

export async function openCliStage(options?: StageOptions): Promise<CliStage> {
  const stage = await openStage(options);
  const variables = {
    TEMPORAL_ADDRESS: stage.env.address,
    TEMPORAL_TASK_QUEUE: stage.taskQueue,
    HW_PROJECT_ID: stage.projectId,
  };
  return {
    ...stage,
    variables,
    run: (...args) => callCli(args, variables),
    begin: (...args) => startCli(args, variables),
    close: async () => {
      endAllCalls();
      await stage.close();
    },
  };
}

/** What makes a restart quick. */
export const QUICK = ['--poll-interval', '1s', '--settle-time', '2s'] as const;

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
  /** Runs a call to its end, in this process, with settings for ModelArts. */
  runWithModelArts(...args: string[]): Promise<CliEnd>;
  /** `variables`, and the settings for ModelArts. */
  withModelArts: Variables;
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
  const withModelArts = {
    ...variables,
    MODELARTS_ENDPOINT: stage.simulator.url,
    HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
  };
  return {
    ...stage,
    variables,
    withModelArts,
    run: (...args) => callCli(args, variables),
    runWithModelArts: (...args) => callCli(args, withModelArts),
    begin: (...args) => startCli(args, variables),
    close: async () => {
      endAllCalls();
      await stage.close();
    },
  };
}

/** What makes a restart quick. */
export const QUICK = ['--poll-interval', '1s', '--settle-time', '2s'] as const;

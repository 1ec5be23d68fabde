import { cancelRestart } from '../client/index.js';
import { defined } from '../domain/defined.js';
import { EXIT, type ExitCode } from '../exit.js';
import { connect, needProject } from './connect.js';
import { print, printJson, tell } from './output.js';
import { inputOf } from './restart-options.js';

export interface CancelFlags {
  project?: string;
  terminate?: boolean;
  json?: boolean;
}

/** `cancel <jobId>`: asks the restart under way to end. Its `onCancel` says what happens to the job. */
export async function cancel(jobId: string, flags: CancelFlags): Promise<ExitCode> {
  const projectId = needProject(flags.project, process.env);
  inputOf(jobId, {}, projectId, undefined);
  const { client } = await connect(process.env);
  const { terminate = false } = flags;
  const canceled = await cancelRestart(client, { projectId, jobId }, { terminate });
  const { workflowId, terminated, nobodyListens } = canceled;
  if (flags.json === true) {
    const what = terminated ? { terminated } : { cancelRequested: true };
    printJson({ workflowId, ...what, ...defined({ nobodyListens }) });
  } else if (terminated) {
    print(
      `job ${jobId}: ${workflowId} is terminated. The job is left alone; a request that was under way may still be carried out, so look at the job before you restart it`,
    );
  } else if (nobodyListens === undefined) {
    print(`job ${jobId}: ${workflowId} is asked to end; a request under way is answered first`);
  }
  if (nobodyListens === undefined) return EXIT.done;
  tell(
    `job ${jobId}: ${workflowId} is asked to end, but no worker hears of it: ${nobodyListens}. ` +
      'It goes on until one does. To end it without a worker:\n' +
      `  modelarts-restarter cancel ${jobId} --project ${projectId} --terminate`,
  );
  return EXIT.failed;
}

import { cancelRestart } from '../client/index.js';
import { connect } from './connect.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { print, printJson } from './output.js';
import { inputOf } from './restart-options.js';
import { needProject } from './settings.js';

/** `cancel <jobId>`: asks the restart under way to end; the job is left or stopped as that one says. */
export async function cancel(
  jobId: string,
  flags: { project?: string; json?: boolean },
): Promise<ExitCode> {
  const projectId = needProject(flags.project, process.env);
  inputOf(jobId, {}, projectId, undefined);
  const { client } = await connect(process.env);
  const { workflowId } = await cancelRestart(client, { projectId, jobId });
  if (flags.json === true) printJson({ workflowId, cancelRequested: true });
  else {
    print(`job ${jobId}: ${workflowId} is asked to end; a request under way is answered first`);
  }
  return EXIT.there;
}

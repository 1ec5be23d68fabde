import { cancelBatch, cancelRestart } from '../client/index.js';
import { defined } from '../domain/defined.js';
import { EXIT, type ExitCode } from '../exit.js';
import { connect } from './connect.js';
import { print, printJson, tell } from './output.js';
import { idOfBatch, quoted, targetOf } from './target.js';

export interface CancelFlags {
  project?: string;
  terminate?: boolean;
  json?: boolean;
}

/** What the call prints about a restart, and about a batch. */
const SAID = {
  job: {
    asked: 'is asked to end; a request under way is answered first',
    terminated:
      'is terminated. The job is left alone; a request that was under way may still be carried out, so look at the job before you restart it',
  },
  batch: {
    asked: 'is asked to end: it sends nothing more, and cancels the restarts that it started',
    terminated: 'is terminated: it sends nothing more. Restarts under way go on, each by itself',
  },
} as const;

/** `cancel <jobId or batch>`: asks it to end. The `onCancel` of a restart says what happens to its job. */
export async function cancel(word: string, flags: CancelFlags): Promise<ExitCode> {
  const target = targetOf(word, flags.project);
  const { client } = await connect(process.env);
  const { terminate = false } = flags;
  const { kind } = target;
  const { workflowId, terminated, nobodyListens } =
    kind === 'job'
      ? await cancelRestart(client, target, { terminate })
      : await cancelBatch(client, { workflowId: await idOfBatch(client, target) }, { terminate });
  const what = kind === 'job' ? `job ${target.jobId}: ${workflowId}` : `batch ${workflowId}`;
  if (flags.json === true) {
    const done = terminated ? { terminated } : { cancelRequested: true };
    printJson({ workflowId, ...done, ...defined({ nobodyListens }) });
  } else if (terminated) print(`${what} ${SAID[kind].terminated}`);
  else if (nobodyListens === undefined) print(`${what} ${SAID[kind].asked}`);
  if (nobodyListens === undefined) return EXIT.done;
  const again =
    kind === 'job' ? `${target.jobId} --project ${target.projectId}` : quoted(workflowId);
  tell(
    `${what} is asked to end, but no worker hears of it: ${nobodyListens}. ` +
      'It goes on until one does. To end it without a worker:\n' +
      `  modelarts-restarter cancel ${again} --terminate`,
  );
  return EXIT.failed;
}

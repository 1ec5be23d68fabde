import { RestartError, restartId, type RestartInput, startRestart } from '../client/index.js';
import { defined } from '../domain/defined.js';
import { failureOf } from '../domain/failures.js';
import { orAborted } from '../domain/or-aborted.js';
import { EXIT, type ExitCode } from '../exit.js';
import { asksForBatch, type BatchFlags, batchInputOf, inputOf } from './flags.js';
import { codeUnlessConfirmed } from './confirm.js';
import { connect, needProject, taskQueueOf, type Temporal } from './connect.js';
import { dryRunOfBatch, dryRunOfRestarts } from './dry-run.js';
import { explain } from './errors.js';
import { followJobs, interruption, isThere, type JobEnd } from './follow-jobs.js';
import { painter, print, printJson, tell } from './output.js';
import { restartBatch } from './restart-batch.js';
import { whoCalls } from './who.js';

/** More jobs than this become a batch, because each restart by itself is followed by queries of its own. */
const MOST_SINGLE_RESTARTS = 20;

export type RestartVerbFlags = BatchFlags & {
  dryRun?: boolean;
  yes?: boolean;
  detach?: boolean;
  json?: boolean;
};

/** `restart <jobId…>`, or `restart --status KILLED …`: restarts jobs and follows them to their ends. */
export async function restart(given: string[], flags: RestartVerbFlags): Promise<ExitCode> {
  const projectId = needProject(flags.project, process.env);
  const who = whoCalls();
  const jobIds = [...new Set(given)];
  if (asksForBatch(flags) || jobIds.length === 0 || jobIds.length > MOST_SINGLE_RESTARTS) {
    const input = batchInputOf(jobIds, flags, projectId, who);
    return flags.dryRun === true
      ? dryRunOfBatch(input, projectId, flags)
      : restartBatch(input, projectId, flags);
  }
  const inputs = jobIds.map((jobId) => inputOf(jobId, flags, projectId, who));
  if (flags.dryRun === true) return dryRunOfRestarts(inputs, projectId, flags);
  const temporal = await connect(process.env);
  const stopped = await codeUnlessConfirmed(flags, () => Promise.resolve(inputs.length));
  if (stopped !== undefined) return stopped;
  const taskQueue = taskQueueOf(process.env);
  return flags.detach === true
    ? detached(temporal, inputs, taskQueue, flags)
    : followed(temporal, inputs, taskQueue, flags);
}

async function followed(
  { client }: Temporal,
  inputs: RestartInput[],
  taskQueue: string,
  { json = false }: RestartVerbFlags,
): Promise<ExitCode> {
  const show = { paint: painter(process.stdout), terminal: process.stdout.isTTY };
  const ends = await followJobs(client, {
    inputs,
    taskQueue,
    interrupted: interruption(),
    ...(!json && { show }),
  });
  if (json) {
    const documents = ends.map(documentOf);
    printJson(documents.length === 1 ? documents[0] : documents);
  }
  const codes = ends.map((end, index) => report(end, inputs[index]!, json));
  tellHowToGoOn(inputs.filter((_, index) => ends[index]!.kind === 'interrupted'));
  if (!json && ends.length > 1) {
    const there = ends.filter(isThere).length;
    print(`${there} of ${ends.length} got there`);
  }
  return worst(codes);
}

/** Prints the end of one restart, as far as it is not printed yet. Returns its exit code. */
function report(end: JobEnd, { jobId }: RestartInput, json: boolean): ExitCode {
  switch (end.kind) {
    case 'interrupted':
      return EXIT.interrupted;
    case 'error': {
      const { message, code } = explain(end.error);
      tell(`job ${jobId}: ${message}`);
      return code;
    }
    case 'ended':
      if (isThere(end)) return EXIT.done;
      if (json) tell(`job ${jobId}: ${failureOf(end.outcome)?.message}`);
      return EXIT.failed;
  }
}

/** Says how to go on after an interruption. A restart whose start was interrupted may go on too. */
function tellHowToGoOn(inputs: readonly RestartInput[]): void {
  const [first] = inputs;
  if (first === undefined) return;
  const { jobId, projectId } = first;
  const project = `--project ${projectId}`;
  const all = inputs.map((input) => input.jobId).join(' ');
  const what = inputs.length === 1 ? `the restart of job ${jobId} goes` : 'the restarts go';
  tell(
    `Interrupted: ${what} on.\n` +
      `  follow:  modelarts-restarter restart ${all} ${project}\n` +
      `  look at: modelarts-restarter status ${jobId} ${project}\n` +
      `  cancel:  modelarts-restarter cancel ${jobId} ${project}`,
  );
}

function documentOf(end: JobEnd): object {
  if (end.kind === 'ended') return end.outcome;
  if (end.kind === 'interrupted') return { interrupted: true, ...end.progress };
  return errorDocument(end.error);
}

function errorDocument(error: unknown): object {
  const { type, message } = explain(error);
  const outcome = error instanceof RestartError ? error.outcome : undefined;
  return { error: { type, message }, ...defined({ outcome }) };
}

/** Starts restarts, and returns once ModelArts has taken their requests. */
async function detached(
  { client }: Temporal,
  inputs: RestartInput[],
  taskQueue: string,
  { json = false }: RestartVerbFlags,
): Promise<ExitCode> {
  const interrupted = interruption();
  const answers = await Promise.all(
    inputs.map(async (input) => {
      const workflowId = restartId(input.projectId ?? '', String(input.jobId));
      try {
        const starting = startRestart(client, input, { taskQueue });
        const { before, acceptedAt, attached, joined } = await orAborted(starting, interrupted);
        if (!json) {
          const how = joined
            ? 'joined the restart under way'
            : attached
              ? 'no request is needed'
              : 'ModelArts took the restart';
          const status = before === undefined ? '' : ` (it was ${before.name})`;
          print(`job ${input.jobId}: ${how}${status}; followed by ${workflowId}`);
        }
        const answer = { workflowId, before, acceptedAt, attached };
        return { code: EXIT.done as ExitCode, document: answer };
      } catch (error) {
        if (interrupted.aborted) {
          return { code: EXIT.interrupted, input, document: { workflowId, interrupted: true } };
        }
        const { message, code } = explain(error);
        tell(`job ${input.jobId}: ${message}`);
        return { code, document: { workflowId, ...errorDocument(error) } };
      }
    }),
  );
  tellHowToGoOn(answers.flatMap((answer) => ('input' in answer ? [answer.input] : [])));
  if (json) printJson(answers.length === 1 ? answers[0]!.document : answers.map((a) => a.document));
  return worst(answers.map(({ code }) => code));
}

/** The exit code, of several, that a script should react to first. */
function worst(codes: readonly ExitCode[]): ExitCode {
  const order = [EXIT.interrupted, EXIT.unreachable, EXIT.usage, EXIT.failed];
  return order.find((code) => codes.includes(code)) ?? EXIT.done;
}

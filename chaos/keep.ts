import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Aftermath } from './chaos.js';
import type { Verdict } from './verdict.js';

/**
 * Writes evidence of broken rules to `folder`: all runs, a line each; the histories of all runs of
 * the jobs concerned; the requests that ModelArts received; the workers' log; the broken rules.
 */
export async function keepEvidence(
  folder: string,
  { told, runs, requests, log }: Aftermath,
  { broken }: Verdict,
): Promise<void> {
  const isBroken = new Set(broken.map(({ workflowId }) => workflowId));
  const jobs = new Set(
    runs.filter(({ workflowId }) => isBroken.has(workflowId)).map(({ request }) => request.jobId),
  );
  await mkdir(path.join(folder, 'histories'), { recursive: true });
  for (const { workflowId, runId, history } of told) {
    const run = runs.find((one) => one.runId === runId);
    if (run === undefined || !jobs.has(run.request.jobId)) continue;
    const name = `${workflowId.replaceAll(/[^\w.-]/g, '_')}.${runId}.json`;
    await writeFile(path.join(folder, 'histories', name), historyToJSON(history));
  }
  const all = runs.map(({ workflowId, runId, request, story, outcome }) => {
    const { startedAt, close, events, cancelRequested } = story;
    return JSON.stringify({
      workflowId,
      runId,
      request,
      startedAt,
      cancelledAt: cancelRequested?.at,
      tookMs: close && close.at - startedAt,
      events,
      outcome,
    });
  });
  await writeFile(path.join(folder, 'runs.jsonl'), `${all.join('\n')}\n`);
  // Leaves out the headers, because they hold signatures.
  const received = requests.map(({ headers: _, ...request }) => JSON.stringify(request));
  await writeFile(path.join(folder, 'requests.jsonl'), `${received.join('\n')}\n`);
  await writeFile(path.join(folder, 'workers.log'), `${log.join('\n')}\n`);
  await writeFile(path.join(folder, 'broken.json'), JSON.stringify(broken, undefined, 1));
}

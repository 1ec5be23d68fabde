/**
 * `npm run playground`: starts the demo's parts and the Temporal UI, with jobs in various states, and
 * keeps them up until Ctrl-C.
 */
import { runAndEndAll } from './interruption.mjs';
import { prepareStack, startLocalStack, TASK_QUEUE } from './local-stack.mjs';
import { bold, dim, print } from './terminal.mjs';

/** @type {{ jobId: string, status: number, name: string, timelines?: object, what: string }[]} */
const JOBS = [
  {
    jobId: '10',
    status: 12,
    name: 'loss-curves',
    timelines: slow(7, 8),
    what: 'KILLED; starts in 20 seconds',
  },
  { jobId: '11', status: 8, name: 'graph', what: 'RUNNING: ModelArts refuses to restart it' },
  { jobId: '12', status: 11, name: 'broken', timelines: slow(1, 11), what: 'FAILED; fails again' },
  { jobId: '13', status: 12, name: 'stuck', timelines: { restart: [] }, what: 'KILLED; stays so' },
  { jobId: '14', status: 12, name: 'slow', timelines: slow(7), what: 'KILLED; waits for ever' },
  { jobId: '15', status: 12, name: 'lossy', what: 'KILLED; the answer to its restart gets lost' },
];

const playground = async (/** @type {import('./interruption.mjs').Started} */ started) => {
  const cli = await prepareStack();
  const stack = await startLocalStack(started, { cli, ui: true });
  for (const { what: _, ...job } of JOBS) stack.simulator.addJob(job);
  stack.simulator.fault({ jobId: '15', operation: 'restart', kind: 'answer-lost' });
  print(
    `${bold('\nA Temporal server, a simulated ModelArts and the worker are up.')} Ctrl-C ends them.\n`,
  );
  for (const { jobId, name, what } of JOBS) {
    print(`  job ${jobId}  ${name.padEnd(12)} ${dim(what)}`);
  }
  print(thingsToTry(stack));
  await stack.broken;
};

await runAndEndAll(playground, { interruptedCode: 0 });

/** @param {{ uiUrl?: string | undefined, address: string, projectId: string }} stack */
function thingsToTry({ uiUrl, address, projectId }) {
  const form = new URLSearchParams({
    workflowId: `restart:${projectId}:10`,
    taskQueue: TASK_QUEUE,
    workflowType: 'restartVisualizationJob',
  });
  const cli = 'node dist/cli.js';
  return `
${bold('In the Temporal UI')}: give the input {"jobId": "10"} in this form, and open "User Metadata" of what it starts
  ${uiUrl}/namespaces/default/workflows/start-workflow?${form.toString()}

${bold('In another terminal')}
  export TEMPORAL_ADDRESS=${address} HW_PROJECT_ID=${projectId}
  ${cli} restart 10
  ${cli} restart 11                     ${dim('refused; then with --if-running stop')}
  ${cli} restart 14 --detach            ${dim('then: status 14, cancel 14')}
  ${cli} restart 12 13 15               ${dim('fails, has no effect, is found out')}
  ${cli} list
`;
}

/**
 * The timeline of a restart through these statuses, ten seconds each.
 *
 * @param {number[]} statuses
 */
function slow(...statuses) {
  return { restart: statuses.map((status, index) => ({ afterMs: 10_000 * (index + 1), status })) };
}

/**
 * `npm run demo`: runs one restart from KILLED to RUNNING by the command line, on a real Temporal server, against the
 * simulator. Starts everything on free ports, and ends it afterwards.
 */
import { startChild } from './child.mjs';
import { runAndEndAll } from './interruption.mjs';
import { prepareStack, startLocalStack, TASK_QUEUE } from './local-stack.mjs';
import { bold, dim, print } from './terminal.mjs';

const JOB_ID = '10';
const KILLED = 12;

/** The job's statuses once ModelArts has taken the request, slow enough to watch. */
const AFTER_RESTART = [
  { afterMs: 700, status: 1 },
  { afterMs: 2_300, status: 7 },
  { afterMs: 4_000, status: 8 },
];

/** The timeout is ten times what the restart takes. */
const RESTART = `restart ${JOB_ID} --poll-interval 1s --timeout 1m --reason demo`;

await runAndEndAll(async (started) => {
  const cli = await prepareStack();
  print(bold('\nmodelarts-restarter: one restart, from KILLED to RUNNING\n'));
  const stack = await startLocalStack(started, { cli });
  const timelines = { restart: AFTER_RESTART };
  stack.simulator.addJob({ jobId: JOB_ID, status: KILLED, timelines });
  print(`  Temporal server    ${stack.address}`);
  print(`  ModelArts          ${stack.url} ${dim('(simulated)')}`);
  print(`  worker             on task queue ${TASK_QUEUE}`);
  print(`\n  ${bold(`node dist/cli.js ${RESTART}`)}\n`);
  const args = ['dist/cli.js', ...RESTART.split(' ')];
  const restart = startChild(process.execPath, args, { env: stack.env, show: true });
  started.atEnd(async () => {
    await restart.close();
    // A killed command line leaves the cursor hidden.
    if (process.stdout.isTTY) process.stdout.write('\u001b[?25h');
  });
  return (await Promise.race([restart.ended, stack.broken])) ?? 1;
});

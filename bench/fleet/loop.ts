/**
 * Restarts jobs in one process without Temporal, as waiters of Terraform and Airflow do. For each job by
 * itself, it sends a request, and then looks at the job once per interval. Begins on SIGUSR2, and prints when each job was seen up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRef } from '../../src/domain/ids.js';
import { pauseMs, type Pace } from '../usual/pace.js';
import { createPlainClient, THROTTLED } from '../usual/plain-client.js';

const RUNNING = 8;

/** What the program is told, in the variable `BENCH_LOOP`. */
export interface LoopTask {
  jobIds: readonly string[];
  pace: Pace;
}

const { jobIds, pace } = JSON.parse(process.env['BENCH_LOOP']!) as LoopTask;
const client = createPlainClient(process.env);
const projectId = process.env['HW_PROJECT_ID']!;

/** Repeats a call while the gateway throttles it. */
async function patiently<T>(call: () => Promise<T | typeof THROTTLED>): Promise<T> {
  for (let throttles = 1; ; throttles += 1) {
    const answer = await call();
    if (answer !== THROTTLED) return answer;
    await sleep(pauseMs(pace, throttles));
  }
}

async function restart(job: JobRef): Promise<void> {
  await patiently(() => client.restart(job));
  while ((await patiently(() => client.look(job))) !== RUNNING) await sleep(pace.pollMs);
  console.log(`up ${job.jobId} ${Date.now()}`);
}

process.once('SIGUSR2', () => {
  void Promise.all(jobIds.map((jobId) => restart({ projectId, jobId }))).then(() => {
    console.log('Done');
  });
});
// Keeps the process alive after its work, until its use of CPU and memory has been read.
setInterval(() => undefined, 60_000);
console.log('Listening');

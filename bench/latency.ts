import { setTimeout as sleep } from 'node:timers/promises';
import { restartId } from '../src/domain/ids.js';
import { createModelArtsClient } from '../src/modelarts/client.js';
import type { Kit, Report } from './kit.js';
import { lastRecordedAt } from './recorded.js';
import { jobIds, startWaits } from './restarts.js';
import { setStage, startWorker, type Stage } from './stage.js';
import { median, table, verdict } from './table.js';

const POLL_MS = 2_000;

/**
 * How long ModelArts takes to answer after it has read the status. A look misses a change within
 * this time, which is the worst case. Long enough to tell the two parts of the limit apart.
 */
const ANSWER_MS = 250;

/** Allows for late timers, for Temporal to record the change, and for a slow machine. */
const ALLOWANCE_MS = 50;

/** The jobs move at random instants within this time. */
const SPREAD_MS = 20_000;

const RUNNING = 8;

/** Measures the time from a job's move until Temporal has recorded it. */
export async function latency(kit: Kit, { jobs }: { jobs: number }): Promise<Report> {
  const stage = await setStage(kit);
  const { simulator } = stage;
  await startWorker(kit, stage);
  const ids = jobIds(jobs);
  await startWaits(stage, ids, `${POLL_MS}ms`);
  for (const operation of ['detail', 'list'] as const) {
    await simulator.fault({ operation, kind: 'delay', when: 'after', ms: ANSWER_MS });
  }
  await sleep(2 * POLL_MS);
  kit.say(`moving ${jobs} jobs at random within ${SPREAD_MS / 1_000} s`);
  const exchangeMs = await longestExchange(stage, ids[0]!);
  const latencies = await Promise.all(ids.map((jobId) => moveAtRandom(stage, jobId)));

  const limit = POLL_MS + exchangeMs;
  const max = Math.max(...latencies);
  const row = (name: string, ms: number): string[] => [name, `${ms.toFixed(0)} ms`];
  const lines = [
    `${jobs} jobs, moved at random; time from the move until Temporal has recorded it`,
    '',
    ...table([
      row('median', median(latencies)),
      row('longest', max),
      row('pollInterval', POLL_MS),
      row('one exchange', exchangeMs),
      ['longest, of pollInterval + one exchange', `${((100 * max) / limit).toFixed(0)} %`],
      [`  with ${ALLOWANCE_MS} ms for Temporal`, verdict(max, limit + ALLOWANCE_MS)],
    ]),
  ];
  return { lines, met: max <= limit + ALLOWANCE_MS };
}

/** Returns the longest of ten exchanges, made with the worker's own client. */
async function longestExchange({ simulator }: Stage, jobId: string): Promise<number> {
  const client = createModelArtsClient({
    endpoint: simulator.url,
    credentials: { kind: 'ak-sk', accessKey: 'BENCHKEY', secretKey: 'bench-secret-key' },
  });
  let longest = 0;
  for (let i = 0; i < 10; i += 1) {
    const startedAt = performance.now();
    await client.detail({ projectId: simulator.projectId, jobId });
    longest = Math.max(longest, performance.now() - startedAt);
  }
  await client.close();
  return longest;
}

async function moveAtRandom({ simulator, client }: Stage, jobId: string): Promise<number> {
  await sleep(Math.random() * SPREAD_MS);
  const movedAt = Date.now();
  await simulator.setStatus(jobId, RUNNING);
  const handle = client.workflow.getHandle(restartId(simulator.projectId, jobId));
  await handle.result();
  return lastRecordedAt(await handle.fetchHistory()) - movedAt;
}

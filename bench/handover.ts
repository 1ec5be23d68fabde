import { setTimeout as sleep } from 'node:timers/promises';
import { restartId } from '../src/domain/ids.js';
import { inParallel } from './in-parallel.js';
import type { Child, Kit, Report } from './kit.js';
import { looksAt } from './looks.js';
import { jobIds, startWaits, until } from './restarts.js';
import { setStage, startWorker, type Stage } from './stage.js';
import { median, table, verdict } from './table.js';

const POLL_SECONDS = 2;

/** A worker that stops hands over at once; the seconds allow for a slow machine. */
const STOP_LIMIT_SECONDS = 5;

/** Temporal misses a killed worker after the heartbeat timeout of 60 s. */
const KILL_LIMIT_SECONDS = 70;

const AT_ONCE = 10;

interface HandedOver {
  /** How many waits the ended worker had. */
  moved: number;
  medianSeconds: number;
  longestSeconds: number;
  /** The longest time without a look at one job. */
  gapSeconds: number;
  /** How many looks the ended worker made after the signal. */
  late: number;
}

/** Measures how soon others take over the waits of a worker that stops, and of a killed one. */
export async function handover(kit: Kit, { jobs }: { jobs: number }): Promise<Report> {
  const stage = await setStage(kit);
  const ids = jobIds(jobs);
  const [a, b] = await Promise.all([
    startWorker(kit, stage, { accessKey: 'BENCHKEYA' }),
    startWorker(kit, stage, { accessKey: 'BENCHKEYB' }),
  ]);
  await startWaits(stage, ids, `${POLL_SECONDS}s`);
  await sleep(5_000);
  kit.say('one of two workers is asked to stop');
  const stopped = await handOver(stage, ids, a, 'BENCHKEYA', 'SIGTERM');
  await startWorker(kit, stage, { accessKey: 'BENCHKEYC' });
  // After this time each wait has sent a heartbeat, from which Temporal counts the 60 s.
  await sleep(25_000);
  kit.say('the other one is killed while a third one polls');
  const killed = await handOver(stage, ids, b, 'BENCHKEYB', 'SIGKILL');

  const row = (name: string, of: HandedOver, limit: number): string[] => [
    name,
    String(of.moved),
    of.medianSeconds.toFixed(2),
    of.longestSeconds.toFixed(2),
    verdict(of.longestSeconds, limit),
    of.gapSeconds.toFixed(2),
    String(of.late),
  ];
  const lines = [
    `${jobs} waits, a look each every ${POLL_SECONDS} s; seconds until another worker takes over`,
    '',
    ...table([
      ['', 'waits moved', 'median', 'longest', 'limit', 'longest without a look', 'late looks'],
      row('SIGTERM', stopped, STOP_LIMIT_SECONDS),
      row('kill -9', killed, KILL_LIMIT_SECONDS),
    ]),
  ];
  const met =
    stopped.longestSeconds <= STOP_LIMIT_SECONDS && killed.longestSeconds <= KILL_LIMIT_SECONDS;
  return { lines, met };
}

/** Ends a worker, and waits until others have taken over all its waits. */
async function handOver(
  stage: Stage,
  ids: readonly string[],
  worker: Child,
  accessKey: string,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<HandedOver> {
  const { simulator } = stage;
  const its = (await waitsOf(stage, ids)).filter(({ pid }) => pid === worker.pid);
  const from = Date.now();
  process.kill(worker.pid, signal);
  const times: number[] = [];
  let left = its.map(({ jobId }) => jobId);
  await until('all waits have moved', async () => {
    const now = await waitsOf(stage, left);
    const moved = now.filter(({ pid, started }) => started && pid !== worker.pid);
    times.push(...moved.map(({ startedAt }) => (startedAt - from) / 1_000));
    const gone = new Set(moved.map(({ jobId }) => jobId));
    left = left.filter((jobId) => !gone.has(jobId));
    return left.length === 0;
  });
  await sleep(2_000 * POLL_SECONDS);
  const requests = await simulator.requests(from - 2_000 * POLL_SECONDS);
  const late = requests.filter(
    ({ at, headers }) => at > from && headers['authorization']?.includes(`Access=${accessKey},`),
  );
  return {
    moved: its.length,
    medianSeconds: median(times),
    longestSeconds: Math.max(...times),
    gapSeconds: looksAt(ids, requests).longestGapMs / 1_000,
    late: late.length,
  };
}

interface Wait {
  jobId: string;
  /** The process of the worker that runs the wait, or ran it last. */
  pid: number;
  started: boolean;
  startedAt: number;
}

/** `PENDING_ACTIVITY_STATE_STARTED` of Temporal's API. */
const STARTED = 2;

async function waitsOf({ client, simulator }: Stage, ids: readonly string[]): Promise<Wait[]> {
  const found: Wait[] = [];
  await inParallel(ids, AT_ONCE, async (jobId) => {
    const handle = client.workflow.getHandle(restartId(simulator.projectId, jobId));
    const { raw } = await handle.describe();
    const [wait] = raw.pendingActivities ?? [];
    const { lastWorkerIdentity, state, lastStartedTime } = wait ?? {};
    found.push({
      jobId,
      // The SDK's default identity is `<pid>@<host>`.
      pid: Number.parseInt(lastWorkerIdentity ?? '', 10),
      started: Number(state) === STARTED,
      startedAt:
        Number(lastStartedTime?.seconds ?? 0) * 1_000 + Number(lastStartedTime?.nanos ?? 0) / 1e6,
    });
  });
  return found;
}

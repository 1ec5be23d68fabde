import type { JobSpec, TimelineStep } from '../simulator/index.js';
import type { RestartInput } from '../src/domain/options.js';
import { restartId } from '../src/domain/ids.js';
import { Random } from '../proof/random.js';
import type { Scale, Span } from './scale.js';

/** What a caller does to a restart, `afterMs` after its start. */
export interface Incident {
  kind: 'cancel' | 'checkNow' | 'extendDeadline';
  afterMs: number;
}

/** A job, and what happens to it besides requests. */
export interface PlannedJob {
  spec: JobSpec & { jobId: string; projectId: string };
  /** Where a job that is starting or going down gets by itself, unless a request moves it first. */
  ownMove?: { afterMs: number; status: number };
  /** How long readings stay stale after a request; less than any settle time. */
  staleMs: number;
  /** Whether a look or two after a restart show the status from before it again. */
  goesBack: boolean;
}

/** One start of the workflow, under the id of *the* restart or under one of its own. */
export interface PlannedStart {
  workflowId: string;
  job: PlannedJob;
  input: RestartInput;
  atMs: number;
  incidents: Incident[];
}

export interface Plan {
  seed: number;
  jobs: PlannedJob[];
  starts: PlannedStart[];
}

/** Workers read the list for the many jobs of the first project, and look singly at the others. */
export const PROJECTS = ['0', '1'].map((name) => name.padStart(32, 'c0ffee'));
const IN_THE_FIRST = 0.95;
const FIRST_JOB = 700_001;
const KILLED = 12;
const KILLING = 9;
const WAITING = 7;
const RUNNING = 8;
const FAILURES = [3, 5, 11, 14, 16, 17, 21];

/**
 * Plans by the seed alone who restarts what, and how. A restart is planned in the same way however
 * many others follow. The jobs' ids count up from the first one.
 */
export function planOf(seed: number, scale: Scale, firstJob = FIRST_JOB): Plan {
  const plan: Plan = { seed, jobs: [], starts: [] };
  const firsts: PlannedStart[] = [];
  for (let index = 0; index < scale.restarts; index += 1) {
    const random = new Random(seed * 100_003 + index);
    const atMs = random.whole(0, scale.startsMs);
    const isJoiner = firsts.length > 0 && random.chance(0.2);
    const other = isJoiner ? random.pick(firsts) : undefined;
    const job =
      other?.job ??
      jobOf(random, scale, firstJob + index, PROJECTS[random.chance(IN_THE_FIRST) ? 0 : 1]!);
    if (other === undefined) plan.jobs.push(job);
    const { jobId, projectId } = job.spec;
    const isTheRestart = other === undefined && random.chance(0.85);
    const input = inputOf(random, scale, jobId);
    const joinsAtMs = (other?.atMs ?? 0) + random.whole(0, scale.startsMs / 4);
    const start: PlannedStart = {
      workflowId: isTheRestart ? restartId(projectId, jobId) : `chaos-${index}-of-${jobId}`,
      job,
      // The id of *the* restart names the project too, so the input need not.
      input: isTheRestart && random.chance(0.5) ? input : { ...input, projectId },
      // A joiner starts while the restart runs, or a little later.
      atMs: other === undefined ? atMs : Math.max(joinsAtMs, scale.joinFromMs),
      incidents: incidentsOf(random, scale, input),
    };
    plan.starts.push(start);
    if (other === undefined) firsts.push(start);
  }
  return plan;
}

function jobOf(random: Random, scale: Scale, id: number, projectId: string): PlannedJob {
  const status = random.weighted({ 12: 55, 11: 10, 10: 5, 8: 18, 7: 6, 9: 6 });
  const [shortest] = scale.settleTime;
  // As long as the interval of the looks or longer, so that one comes while readings are stale.
  const staleMs = random.chance(0.5) ? random.whole(shortest / 2, (shortest * 3) / 4) : 0;
  const stop = [
    { afterMs: 0, status: KILLING },
    { afterMs: random.whole(100, 4_000), status: KILLED },
  ];
  const spec = {
    jobId: String(id),
    projectId,
    status: Number(status),
    timelines: { restart: timelineOf(random, scale), stop },
    quirks: { staleMs },
  };
  const afterMs = between(random, scale.comesUp);
  const job = { spec, staleMs, goesBack: staleMs === 0 && random.chance(0.5) };
  if (spec.status === WAITING) return { ...job, ownMove: { afterMs, status: RUNNING } };
  if (spec.status === KILLING) return { ...job, ownMove: { afterMs, status: KILLED } };
  return job;
}

function timelineOf(random: Random, scale: Scale): TimelineStep[] {
  const upMs = between(random, scale.comesUp);
  const kind = random.weighted({ up: 60, late: 12, fails: 10, ends: 6, stays: 6, endless: 6 });
  const starting = { afterMs: 0, status: random.pick([WAITING, 1, 4]) };
  switch (kind) {
    case 'up':
      return [starting, { afterMs: upMs, status: RUNNING }];
    case 'late': {
      // The restart is taken, but the status changes late, at times after the settle time.
      const lateMs = random.whole(500, scale.settleTime[1] * 1.3);
      return [
        { ...starting, afterMs: lateMs },
        { afterMs: lateMs + upMs, status: RUNNING },
      ];
    }
    case 'fails':
      return [starting, { afterMs: upMs, status: random.pick(FAILURES) }];
    case 'ends':
      return [starting, { afterMs: upMs, status: random.pick([10, 12, 13]) }];
    case 'stays':
      return [];
    case 'endless':
      return [starting];
  }
}

function inputOf(random: Random, scale: Scale, jobId: string): RestartInput {
  return {
    jobId,
    ifRunning: random.pick(['fail', 'attach', 'stop']),
    onCancel: random.pick(['leave', 'stop']),
    ifUnknown: random.chance(0.85) ? 'fail' : 'repeat',
    timeout: between(random, scale.timeout),
    pollInterval: between(random, scale.pollInterval),
    settleTime: between(random, scale.settleTime),
  };
}

function incidentsOf(
  random: Random,
  scale: Scale,
  { onCancel, timeout }: RestartInput,
): Incident[] {
  const early = (): number => random.whole(0, Number(timeout) / 2);
  const incidents: Incident[] = [];
  if (random.chance(0.2)) {
    const isStop = onCancel === 'stop';
    const afterMs = isStop ? between(random, scale.cancelAndStopAfter) : early();
    incidents.push({ kind: 'cancel', afterMs });
  }
  if (random.chance(0.15)) incidents.push({ kind: 'checkNow', afterMs: early() });
  if (random.chance(0.1)) incidents.push({ kind: 'extendDeadline', afterMs: early() });
  return incidents.toSorted((a, b) => a.afterMs - b.afterMs);
}

export function between(random: Random, [least, most]: Span): number {
  return random.whole(least, most);
}

import { setImmediate } from 'node:timers/promises';
import type { RestartOutcome } from '../src/domain/outcome.js';
import { carryOut } from '../src/workflows/protocol/carry-out.js';
import { RestartRun } from '../src/workflows/protocol/run.js';
import { Job } from './job.js';
import { planOf, type Incident, type Plan } from './plan.js';
import { Service } from './service.js';
import { SimulatedHands } from './simulated-hands.js';
import { Temporal } from './temporal.js';
import { VirtualTime } from './virtual-time.js';

/** More steps than any run needs, so that a run that never ends is reported instead of hanging. */
const MOST_STEPS = 200_000;

/** How long the world goes on after the end: longer than any request takes to move the job. */
const AFTERMATH_MS = 120_000;

/** What is known of a run once it has ended: what was done, and what was true. */
export interface Run {
  seed: number;
  plan: Plan;
  /** Absent if the run did not end, or threw (`broke`). */
  outcome?: RestartOutcome;
  broke?: string;
  startedAt: number;
  endedAt: number;
  /** The deadline as it was last moved. */
  deadlineMs: number;
  /** When the workflow learnt that it was cancelled. */
  cancelledAt?: number;
  /** When the workflow learnt of each `checkNow`. */
  checksAt: number[];
  /** How many times `checkNow` and `extendDeadline` reached the workflow. */
  signals: number;
  stoppedOnCancel?: boolean;
  job: Job;
  service: Service;
  temporal: Temporal;
  hands: SimulatedHands;
  events: readonly string[];
}

/** Plays one restart in the world of this seed. */
export async function play(seed: number): Promise<Run> {
  const { plan, random } = planOf(seed);
  const time = new VirtualTime();
  const startedAt = time.now;
  const temporal = new Temporal(time, random);
  const job = new Job(time, random, plan.status);
  const service = new Service(time, random, plan, job, startedAt);
  const starting: (Incident & { when: { atStart: number } })[] = [];
  const hands = new SimulatedHands(plan, temporal, service, (nth) => {
    for (const { kind, when } of starting) if (when.atStart === nth) happen(kind);
  });
  const run = new RestartRun(plan.options, 'p', startedAt, hands);
  let cancelledAt: number | undefined;
  let deadlineMs = startedAt + plan.options.timeoutMs;
  let signals = 0;
  const checksAt: number[] = [];

  const toWorkflow: Partial<Record<Incident['kind'], () => void>> = {
    cancel: () => {
      hands.cancelled = true;
      cancelledAt ??= temporal.workflowNow;
      run.cancel();
    },
    extend: () => {
      if (run.isStoppingOnCancel) return;
      signals += 1;
      deadlineMs = run.extendDeadline(plan.options.timeoutMs / 2 + 1_000);
    },
    'check-now': () => {
      signals += 1;
      checksAt.push(temporal.workflowNow);
      run.checkNow();
    },
  };
  function happen(kind: Incident['kind']): void {
    const tell = toWorkflow[kind];
    if (isOver) return;
    if (tell !== undefined) temporal.deliver(() => !isOver && tell());
    else if (kind === 'kill') temporal.kill();
    else job.otherHand();
  }
  for (const { kind, when } of plan.incidents) {
    if ('afterMs' in when) time.after(when.afterMs, () => happen(kind));
    else if ('atStart' in when) starting.push({ kind, when });
    else {
      const tell = toWorkflow[kind];
      temporal.together(when.withResult, () =>
        tell === undefined ? happen(kind) : !isOver && tell(),
      );
    }
  }

  let isOver = false;
  const ended: { outcome?: RestartOutcome; broke?: string } = {};
  temporal.deliver(() => {
    carryOut(run)
      .then((ending) => (ended.outcome = run.record.end(ending, hands.now())))
      .catch((error: unknown) => (ended.broke = String((error as Error).stack ?? error)))
      .finally(() => (isOver = true));
  });
  for (let steps = 0; !isOver && steps < MOST_STEPS; steps += 1) {
    const { activations } = temporal;
    if (!time.step()) break;
    if (temporal.activations !== activations) await setImmediate();
  }
  const endedAt = time.now;
  isOver = true;
  // Requests in flight may still move the job after the end, and the judge needs to see that.
  while (time.now < endedAt + AFTERMATH_MS && time.step());
  return {
    seed,
    plan,
    ...ended,
    startedAt,
    endedAt,
    deadlineMs,
    ...(cancelledAt !== undefined && { cancelledAt }),
    checksAt,
    signals,
    ...(run.stoppedOnCancel !== undefined && { stoppedOnCancel: run.stoppedOnCancel }),
    job,
    service,
    temporal,
    hands,
    events: run.record.events,
  };
}

import type { Client } from '@temporalio/client';
import { Callers } from '../chaos/callers.js';
import { fetchRuns, runsOf, untilAllEnded } from '../chaos/collect.js';
import { OwnMoves } from '../chaos/own-moves.js';
import type { Plan } from '../chaos/plan.js';
import { verdictOn } from '../chaos/rules.js';
import type { Scale } from '../chaos/scale.js';
import { SERVICE_FAULTS, ServiceFaults, type ServiceFault } from '../chaos/service-faults.js';
import type { Simulator } from '../simulator/index.js';
import { restartId } from '../src/domain/ids.js';

/** What became of the restarts of one plan. */
export interface Wave {
  /** Outcome → how many runs ended with it. */
  outcomes: Map<string, number>;
  /** Fault → how many requests about these jobs it struck. */
  struck: Map<ServiceFault, number>;
  /** How many requests about these jobs ModelArts received. */
  requests: number;
  /** How many runs keep all rules. */
  good: number;
  broken: string[];
}

/** Restarts the jobs of one plan, which the simulator has, waits until all have ended, and judges each by the simulator's log. */
export async function runWave(
  { simulator, client }: { simulator: Simulator; client: Client },
  plan: Plan,
  scale: Scale,
): Promise<Wave> {
  const faults = new ServiceFaults(simulator, scale);
  faults.strikeJobs(plan);
  const moves = new OwnMoves(simulator, plan, scale);
  const callers = new Callers(client);
  try {
    await callers.call(plan);
    const among = `WorkflowId IN (${idsOf(plan).join(', ')})`;
    const silent = (): void => undefined;
    const running = await untilAllEnded(client, scale.patienceMs, silent, among);
    const told = await fetchRuns(client, among);
    const calm = { workerKills: [], calmSince: 0 };
    const runs = runsOf(told, plan, simulator, moves.made, calm);
    const known = new Set(told.map(({ workflowId }) => workflowId));
    const wave: Wave = {
      outcomes: new Map(),
      struck: new Map(SERVICE_FAULTS.map((name) => [name, faults.struck(name)])),
      requests: plan.jobs.reduce((sum, job) => sum + requestsAbout(simulator, job.spec.jobId), 0),
      good: 0,
      broken: plan.starts
        .filter(({ workflowId }) => !known.has(workflowId))
        .map(({ workflowId }) => `${workflowId}: Temporal does not know it`),
    };
    if (running > 0) wave.broken.push(`${running} workflows run on`);
    for (const run of runs) {
      const outcome = run.outcome?.outcome ?? 'none';
      wave.outcomes.set(outcome, (wave.outcomes.get(outcome) ?? 0) + 1);
      const broken = verdictOn(run);
      if (broken.length === 0) wave.good += 1;
      else wave.broken.push(`${run.workflowId} (run ${run.runId}): ${broken.join('; ')}`);
    }
    return wave;
  } finally {
    callers.close();
    moves.close();
    faults.remove();
  }
}

const requestsAbout = (simulator: Simulator, jobId: string): number =>
  simulator.requests({ jobId }).length;

/** The ids of the plan's workflows, and of the restarts that they run or join; quoted for a list filter. */
function idsOf({ starts }: Plan): string[] {
  const ids = starts.flatMap(({ workflowId, job }) => [
    workflowId,
    restartId(job.spec.projectId, job.spec.jobId),
  ]);
  return [...new Set(ids)].map((id) => `'${id}'`);
}

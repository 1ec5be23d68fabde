import type { Aftermath } from './chaos.js';
import { KEYS } from './kit.js';
import { verdictOn } from './rules.js';
import type { Scale, Struck } from './scale.js';

/** A rule that was broken, and the run that broke it, if it concerns one. */
interface Broken {
  what: string;
  workflowId?: string;
  runId?: string;
}

export interface Verdict {
  passed: number;
  broken: Broken[];
}

/** Judges each run, then all of them together. Counts a check for each run and each common rule. */
export function judge(aftermath: Aftermath, scale: Scale): Verdict {
  const { runs, missing, stillRunning, strikes, log, deserters } = aftermath;
  const verdict: Verdict = { passed: 0, broken: [] };
  const check = (broken: Broken[]): void => {
    if (broken.length === 0) verdict.passed += 1;
    verdict.broken.push(...broken);
  };
  for (const run of runs) {
    const { workflowId, runId } = run;
    const broken = verdictOn(run);
    check(broken.length === 0 ? [] : [{ what: broken.join('; '), workflowId, runId }]);
  }
  check(missing.map((workflowId) => ({ what: 'Temporal does not know it', workflowId })));
  check(stillRunning === 0 ? [] : [{ what: `${stillRunning} workflows run on` }]);
  check(deserters.map((last) => ({ what: `a worker ended by itself: ${last}` })));
  for (const [name, secret] of Object.entries(KEYS)) {
    const line = log.find((text) => text.includes(secret));
    check(line === undefined ? [] : [{ what: `the ${name} is in a worker’s log` }]);
  }
  for (const [name, least] of Object.entries(scale.atLeast) as [keyof Struck, number][]) {
    const times = strikes.struck[name];
    check(times >= least ? [] : [{ what: `${name}: ${times}, which is less than ${least}` }]);
  }
  return verdict;
}

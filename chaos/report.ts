import { table } from '../bench/table.js';
import type { Aftermath } from './chaos.js';
import type { Verdict } from './verdict.js';

/** Returns lines on which faults struck, how the restarts ended, and which rules were broken. */
export function report(aftermath: Aftermath, { broken }: Verdict): string[] {
  const { runs, strikes, seconds } = aftermath;
  const struck = Object.entries(strikes.struck).map(([name, times]) => [worded(name), `${times}`]);
  return [
    ...table([['fault', 'times'], ...struck]),
    '',
    ...table(strikes.byOperation),
    '',
    ...outcomes(aftermath),
    '',
    `${runs.length} runs in ${Math.round(seconds)} s; the longest history has ${Math.max(
      ...runs.map(({ story }) => story.events),
    )} events`,
    ...broken.map(
      ({ workflowId, runId, what }) =>
        `✗ ${workflowId === undefined ? '' : `${workflowId} (run ${runId ?? 'none'}): `}${what}`,
    ),
  ];
}

function outcomes({ runs }: Aftermath): string[] {
  const counts = new Map<string, [restarts: number, joiners: number]>();
  for (const { outcome, isTheRestart } of runs) {
    const name = outcome?.outcome ?? 'none';
    const [restarts, joiners] = counts.get(name) ?? [0, 0];
    counts.set(name, isTheRestart ? [restarts + 1, joiners] : [restarts, joiners + 1]);
  }
  const rows = [...counts]
    .toSorted(([, a], [, b]) => b[0] - a[0])
    .map(([name, [restarts, joiners]]) => [name, `${restarts}`, `${joiners}`]);
  return table([['outcome', 'the restarts', 'joiners'], ...rows]);
}

/** `workersKilled` → `workers killed`. */
function worded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * `npm run prove`: carries out the restart protocol in a simulated world, once for each seed, and
 * judges each run by what was true there.
 *
 * Plays `--seeds N` seeds (default 100,000) from `--from S` (default 1) on. Stops after `--most M`
 * failures (default 20). `--seed S` plays one seed alone, and prints what happened.
 */
import { parseArgs } from 'node:util';
import { verdictOn } from './judge.js';
import { tell } from './tell.js';
import { play } from './world.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    most: { type: 'string', default: '20' },
  },
});

if (values.seed !== undefined) {
  const run = await play(Number(values.seed));
  for (const line of tell(run)) print(line);
  const broken = verdictOn(run);
  for (const line of broken) print(`✗ ${line}`);
  process.exitCode = broken.length === 0 ? 0 : 1;
} else {
  const from = Number(values.from);
  const count = Number(values.seeds);
  const outcomes = new Map<string, number>();
  const failed: number[] = [];
  let seed = from;
  for (; seed < from + count && failed.length < Number(values.most); seed += 1) {
    const run = await play(seed);
    const name = run.outcome?.outcome ?? 'none';
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    const broken = verdictOn(run);
    if (broken.length === 0) continue;
    failed.push(seed);
    print(`✗ seed ${seed}: ${broken.join('; ')}`);
  }
  print([...outcomes].map(([name, times]) => `${name} ${times}`).join(' · '));
  if (failed.length > 0) print(`Play one alone: npm run prove -- --seed ${failed[0]}`);
  print(`${seed - from - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 && count > 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

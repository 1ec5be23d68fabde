import { parseArgs } from 'node:util';
import { wreakChaos } from './chaos.js';
import { keepEvidence } from './keep.js';
import type { ChaosKit } from './kit.js';
import { report } from './report.js';
import { FULL, SHORT, type Scale } from './scale.js';
import { judge } from './verdict.js';

export type { ChaosKit } from './kit.js';

export const USAGE = `usage: npm run chaos -- [--restarts N] [--seed S] [--short]

  --restarts N   how many restarts are started (default 200)
  --seed S       seed for who restarts what, and for what fails when (default: a new one)
  --short        the short version that .ci/run runs: half a minute, by default 40 restarts
`;

export interface ChaosOptions {
  scale: Scale;
  seed: number;
}

/** Reads the options; returns `undefined` if the arguments make no sense. */
export function readArguments(args: string[]): ChaosOptions | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args,
      options: { restarts: text, seed: text, short: { type: 'boolean' } },
    });
    const usual = values.short === true ? SHORT : FULL;
    const restarts = whole(values.restarts, usual.restarts);
    const seed = whole(values.seed, 1 + Math.floor(Math.random() * 999_999));
    return { scale: { ...usual, restarts }, seed };
  } catch {
    return undefined;
  }
}

function whole(given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  if (!/^[1-9]\d{0,5}$/.test(given)) throw new TypeError(`not a whole number above 0: ${given}`);
  return Number(given);
}

/** Runs once, keeps evidence if a rule was broken, and returns the lines to print. */
export async function chaos(
  kit: ChaosKit,
  { scale, seed }: ChaosOptions,
): Promise<{ lines: string[]; passed: number; failed: number }> {
  const aftermath = await wreakChaos(kit, scale, seed);
  const verdict = judge(aftermath, scale);
  const lines = report(aftermath, verdict);
  const failed = verdict.broken.length;
  if (failed > 0) {
    await keepEvidence(kit.folder, aftermath, verdict);
    lines.push(`Histories, requests and the workers’ log are in ${kit.folder}`);
  }
  return { lines, passed: verdict.passed, failed };
}

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
  --seed S       decides at random who restarts what, and what goes wrong when (default: a new one)
  --short        the share of it that npm test has: half a minute, by default 24 restarts
`;

export interface ChaosOptions {
  scale: Scale;
  seed: number;
}

/** What is wanted, or nothing where the arguments make no sense. */
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

/** Runs it once, keeps evidence where a rule was broken, and says what to print. */
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

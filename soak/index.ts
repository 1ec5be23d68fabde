import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ChaosKit } from '../chaos/kit.js';
import { soakFor, type SoakOptions } from './soak.js';
import { judge } from './verdict.js';

export const USAGE = `usage: npm run soak -- [--minutes N] [--seed S]

  --minutes N   for how long restarts are started (default 60)
  --seed S      seed for who restarts what, and for which requests fail (default: a new one)
`;

/** Reads the options; returns `undefined` if the arguments make no sense. */
export function readArguments(args: string[]): SoakOptions | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ args, options: { minutes: text, seed: text } });
    return {
      minutes: whole(values.minutes, 60),
      seed: whole(values.seed, 1 + Math.floor(Math.random() * 99_999)),
    };
  } catch {
    return undefined;
  }
}

function whole(given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  if (!/^[1-9]\d{0,4}$/.test(given)) throw new TypeError(`not a whole number above 0: ${given}`);
  return Number(given);
}

/** Runs once, keeps the worker's log if a rule was broken, and returns the lines to print. */
export async function soak(
  kit: ChaosKit,
  options: SoakOptions,
): Promise<{ lines: string[]; passed: number; failed: number }> {
  const aftermath = await soakFor(kit, options);
  const { lines, passed, failed } = judge(aftermath);
  if (failed > 0) {
    await writeFile(path.join(kit.folder, 'worker.log'), `${aftermath.log.join('\n')}\n`);
    lines.push(`Temporal’s data and the worker’s log are in ${kit.folder}`);
  }
  return { lines, passed, failed };
}

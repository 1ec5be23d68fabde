import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { wreakChaos } from '../../chaos/chaos.js';
import { keepEvidence } from '../../chaos/keep.js';
import { SHORT } from '../../chaos/scale.js';
import { judge } from '../../chaos/verdict.js';
import { startChild } from '../../scripts/child.mjs';
import { temporalCli } from '../setup/temporal.js';

/*
 * The share of `npm run chaos` that every test run has: the same code on a smaller scale. What it
 * finds is kept in `.cache/chaos/test`.
 */
const ROOT = path.join(__dirname, '..', '..');
const FOLDER = path.join(ROOT, '.cache', 'chaos', 'test');

/** Decides who restarts what and which requests are struck; the instants of the kills are real. */
const SEED = 1;

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
});

it('keeps every promise while workers and server are killed and ModelArts loses requests', async () => {
  const kit = {
    cli: temporalCli(),
    start: (program: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
      startChild(program, args, { env }),
    worker: path.join(ROOT, 'dist', 'worker.js'),
    folder: FOLDER,
    say: () => undefined,
  };
  const aftermath = await wreakChaos(kit, SHORT, SEED);
  const verdict = judge(aftermath, SHORT);
  if (verdict.broken.length > 0) await keepEvidence(FOLDER, aftermath, verdict);
  // Among the rules: each kind of fault has struck.
  expect(verdict.broken).toEqual([]);
  expect(aftermath.runs.length).toBeGreaterThanOrEqual(SHORT.restarts);
  expect(aftermath.runs.some(({ outcome }) => outcome?.outcome === 'running')).toBe(true);
  rmSync(FOLDER, { recursive: true, force: true });
}, 300_000);

/**
 * `npm run fuzz`: tests 100,000 arbitrary answers of ModelArts, or N with `-- --runs N`. A failure
 * prints a seed and a path; `-- --seed S --path P` reproduces it.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { run } from './child.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle, bold, runScript, say, seconds } from './terminal.mjs';

const USAGE = 'npm run fuzz -- [--runs N] [--seed S] [--path P]';

await runScript(async () => {
  const { runs, seed, path } = readArguments();
  await setUp();
  say(bold(`${runs} runs from seed ${seed}`));
  const startedAt = performance.now();
  const { code } = await run(
    process.execPath,
    ['node_modules/jest/bin/jest.js', 'test/modelarts/fuzz.test.ts'],
    {
      env: {
        ...process.env,
        JEST_NO_SERVER: '1',
        FUZZ_RUNS: runs,
        FUZZ_SEED: seed,
        ...(path !== undefined && { FUZZ_PATH: path }),
      },
      show: true,
    },
  );
  say(bold(`${code === 0 ? 'held' : 'failed'} after ${seconds(performance.now() - startedAt)}`));
  return code === 0 ? 0 : 1;
});

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: 'string', default: '100000' },
        seed: { type: 'string', default: String(randomInt(2 ** 31)) },
        path: { type: 'string' },
      },
    });
    if (!/^[1-9]\d{0,8}$/.test(values.runs)) throw new Error(`--runs ${values.runs} is no number`);
    if (!/^-?\d{1,10}$/.test(values.seed)) throw new Error(`--seed ${values.seed} is no number`);
    return values;
  } catch (error) {
    throw new Obstacle(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** A run on a real Temporal server that is judged at its end: what `npm run chaos` and `npm run soak` have in common. */
import { mkdir, rm } from 'node:fs/promises';
import { startChild } from './child.mjs';
import { runAndEndAll } from './interruption.mjs';
import { prepareStack } from './local-stack.mjs';
import { inCache, inRoot } from './project.mjs';
import { Obstacle, dim, print, say } from './terminal.mjs';

/** @typedef {{ lines: string[], passed: number, failed: number }} Verdict */

/**
 * Reads the arguments, runs, and prints the verdict. Keeps the run's files in `.cache/` if anything has failed.
 *
 * @template {{ seed: number }} Wanted
 * @param {string} name the folder in `.cache/`
 * @param {() => Promise<{
 *   usage: string,
 *   readArguments: (args: string[]) => Wanted | undefined,
 *   title: (wanted: Wanted) => string,
 *   run: (kit: import('../chaos/index.js').ChaosKit, wanted: Wanted) => Promise<Verdict>,
 * }>} load called once everything is built
 */
export async function judgedRun(name, load) {
  await runAndEndAll(async ({ atEnd }) => {
    const cli = await prepareStack();
    const { usage, readArguments, title, run } = await load();
    const wanted = readArguments(process.argv.slice(2));
    if (wanted === undefined) throw new Obstacle(usage);

    const folder = inCache(name, `seed-${wanted.seed}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    print(title(wanted));
    /** @type {import('../chaos/index.js').ChaosKit} */
    const kit = {
      cli,
      start: (program, args, env) => {
        const child = startChild(program, args, { env });
        atEnd(child.close);
        return child;
      },
      worker: inRoot('dist', 'worker.js'),
      folder,
      say: (line) => say(dim(`· ${line}`)),
    };
    const { lines, passed, failed } = await run(kit, wanted);
    if (failed === 0) await rm(folder, { recursive: true, force: true });
    print([...lines, `${passed} passed, ${failed} failed`].join('\n'));
    return failed === 0 && passed > 0 ? 0 : 1;
  });
}

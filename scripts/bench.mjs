/**
 * `npm run bench`: measures against a real Temporal server and the simulator, and prints each figure
 * beside its limit. Exit code 1 if a limit is not met.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startChild } from './child.mjs';
import { startDevServer } from './dev-server.mjs';
import { runAndEndAll } from './interruption.mjs';
import { importTool, prepareStack, startWorker } from './local-stack.mjs';
import { inCache, inRoot } from './project.mjs';
import { Obstacle, bold, dim, print, say } from './terminal.mjs';

/**
 * Writes the README's chart, or, after a smoke test, one to look at.
 *
 * @param {{ svg: string, isFull: boolean }} chart
 */
async function keepChart({ svg, isFull }) {
  const folder = isFull ? inRoot('docs', 'images') : inRoot('artifacts');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'fleet.svg');
  await writeFile(file, `${svg}\n`);
  say(dim(`· the chart is in ${path.relative(inRoot(), file)}`));
}

await runAndEndAll(async ({ atEnd, endAll }) => {
  const cli = await prepareStack();
  /** @type {typeof import('../bench/index.js')} */
  const { machine, readArguments, USAGE } = await importTool('bench');
  const wanted = readArguments(process.argv.slice(2));
  if (wanted === undefined) throw new Obstacle(USAGE);

  /** @type {import('../bench/index.js').Kit} */
  const kit = {
    startTemporal: async () => {
      if (wanted.server !== undefined) return { ...wanted.server, close: async () => {} };
      const { address, pid, close } = await startDevServer({ cli });
      return { address, pids: [pid], close };
    },
    startSimulator: () =>
      startChild(process.execPath, [inCache('tools', 'simulator', 'main.js'), '--port', '0']),
    startWorker: (parts, options) => startWorker(parts, { ...options, gently: false }),
    usualWorker: inCache('tools', 'bench', 'usual', 'worker.js'),
    atEnd,
    say: (line) => say(dim(`· ${line}`)),
  };
  print(dim(machine()));
  let met = true;
  for (const name of wanted.names) {
    const report = await wanted.measure(name, kit);
    print(`\n${bold(name)}: ${report.lines.join('\n')}`);
    if (report.chart !== undefined) await keepChart(report.chart);
    met &&= report.met;
    await endAll();
  }
  return met ? 0 : 1;
});

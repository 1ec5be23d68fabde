/**
 * `npm run test:examples`: the programs under `examples/` and the commands of the pages under
 * `docs/`, from a bare clone. Copies of the examples install what they need (the TypeScript one the
 * packed package itself), and run against a real Temporal server, the simulator, and the worker of
 * the packed package.
 *
 * The last line is `N passed, N failed`.
 */
import { check, exitCode } from './checks.mjs';
import { checkCommands } from './examples/doc-commands.mjs';
import { checkImports } from './examples/imports.mjs';
import {
  compileTypeScript,
  installPython,
  installTypeScript,
  PYTHON,
  TYPESCRIPT,
  VENV_PYTHON,
} from './examples/install.mjs';
import { setScene } from './examples/scene.mjs';
import { runAndEndAll } from './interruption.mjs';
import { prepareStack } from './local-stack.mjs';
import { alone } from './lock.mjs';

const PAGES = [
  'docs/nexus.md',
  'docs/other-workflows.md',
  'docs/schedules.md',
  'docs/temporal-cli.md',
  'docs/temporal-ui.md',
];

await runAndEndAll(async (started) => {
  let cli = '';
  const prepared = await check('set-up and build', async () => (cli = await prepareStack()));
  if (prepared) await alone('examples', () => testExamples(started, cli));
  return exitCode();
});

/**
 * @param {import('./interruption.mjs').Started} started
 * @param {string} cli
 */
async function testExamples(started, cli) {
  const installed = await check('TypeScript: installs the packed package', installTypeScript);
  const typed = installed && (await check('TypeScript: its types fit', compileTypeScript));
  const python = await check('Python: installs its requirements', installPython);
  if (!installed) return;
  await checkImports();

  const scene = await setScene(started, cli);
  for (const page of PAGES) await checkCommands(page, scene);
  if (typed) await testTypeScript(scene);
  if (python) await testPython(scene);
}

/** @typedef {Awaited<ReturnType<typeof setScene>>} Scene */

/** @param {Scene} scene */
async function testTypeScript({ startExample, checkReports, projectId }) {
  const node = { program: process.execPath, cwd: TYPESCRIPT };
  await startExample(node.program, ['dist/worker.js'], node.cwd);
  for (const door of ['child', 'nexus']) {
    await checkReports(`TypeScript, ${door}`, (jobId) => ({
      ...node,
      args: ['dist/report.js', door, jobId],
    }));
  }
  await checkReports('TypeScript, client', (jobId) => ({
    ...node,
    args: ['dist/restart.js', jobId, projectId],
  }));
}

/** @param {Scene} scene */
async function testPython({ startExample, checkReports }) {
  const python = { program: VENV_PYTHON, cwd: PYTHON };
  await startExample(python.program, ['worker.py'], python.cwd);
  for (const door of ['child', 'nexus']) {
    await checkReports(`Python, ${door}`, (jobId) => ({
      ...python,
      args: ['report.py', door, jobId],
    }));
  }
}

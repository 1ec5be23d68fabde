/**
 * `npm run test:examples`: the programs under `examples/` and the commands of the pages under
 * `docs/`, from a bare clone. Copies of the examples install what they need (the TypeScript one the
 * packed package itself), and run against a real Temporal server, the simulator, and the worker of
 * the packed package.
 *
 * The last line is `N passed, N failed`, whatever happens.
 */
import { build, buildTools } from './build.mjs';
import { check, total } from './examples/checks.mjs';
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
import { closeScene, setScene } from './examples/scene.mjs';
import { onInterruption } from './interruption.mjs';
import { alone } from './lock.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { runScript } from './terminal.mjs';

const PAGES = [
  'docs/nexus.md',
  'docs/other-workflows.md',
  'docs/schedules.md',
  'docs/temporal-cli.md',
  'docs/temporal-ui.md',
];

process.on('exit', () => {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
});
onInterruption(() => {
  total.failed += 1;
  process.exit(130);
});

await runScript(async () => {
  try {
    if (await check('set-up and build', prepare)) await alone('examples', testExamples);
  } finally {
    await closeScene();
  }
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});
// What did not end in time must not keep this process.
process.exit();

async function prepare() {
  await setUp();
  await setUpTemporalCli();
  await build();
  await buildTools();
}

async function testExamples() {
  const installed = await check('TypeScript: installs the packed package', installTypeScript);
  const typed = installed && (await check('TypeScript: its types fit', compileTypeScript));
  const python = await check('Python: installs its requirements', installPython);
  if (!installed) return;
  await checkImports();

  const scene = await setScene();
  for (const page of PAGES) await checkCommands(page, scene);
  if (typed) await testTypeScript(scene);
  if (python) await testPython(scene);
}

/** @param {Awaited<ReturnType<typeof setScene>>} scene */
async function testTypeScript({ startWorker, checkReports, projectId }) {
  const program = process.execPath;
  const cwd = TYPESCRIPT;
  await startWorker('the TypeScript example', program, ['dist/worker.js'], { cwd });
  for (const door of ['child', 'nexus']) {
    await checkReports(`TypeScript, ${door}`, (jobId) => ({
      program,
      args: ['dist/report.js', door, jobId],
      cwd,
    }));
  }
  await checkReports('TypeScript, client', (jobId) => ({
    program,
    args: ['dist/restart.js', jobId, projectId],
    cwd,
  }));
}

/** @param {Awaited<ReturnType<typeof setScene>>} scene */
async function testPython({ startWorker, checkReports }) {
  const cwd = PYTHON;
  await startWorker('the Python example', VENV_PYTHON, ['worker.py'], { cwd });
  for (const door of ['child', 'nexus']) {
    await checkReports(`Python, ${door}`, (jobId) => ({
      program: VENV_PYTHON,
      args: ['report.py', door, jobId],
      cwd,
    }));
  }
}

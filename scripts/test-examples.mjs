/**
 * `npm run test:examples`: the programs under `examples/`, from a bare clone. Copies of them install
 * what they need (the TypeScript one the packed package itself), and run against a real Temporal
 * server, the simulator, and the worker of the packed package.
 *
 * The last line is `N passed, N failed`, whatever happens.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, buildTools } from './build.mjs';
import { run, tail } from './command.mjs';
import { startDevServer } from './dev-server.mjs';
import { makeIfChanged } from './fingerprint.mjs';
import { alone } from './lock.mjs';
import { inCache, inRoot } from './project.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { Obstacle, dim, green, red, runScript, say, seconds } from './terminal.mjs';

const TYPESCRIPT = inCache('examples', 'typescript-child');
const PYTHON = inCache('examples', 'python-child');
const VENV = path.join(PYTHON, '.venv');
const VENV_PYTHON =
  process.platform === 'win32'
    ? path.join(VENV, 'Scripts', 'python.exe')
    : path.join(VENV, 'bin', 'python');

/** Ten times what the longest of them takes on a slow line. */
const INSTALL_LIMIT_MS = 600_000;
const RUN_LIMIT_MS = 60_000;
const START_LIMIT_MS = 30_000;

const [KILLED, RUNNING] = [12, 8];

const total = { passed: 0, failed: 0 };
process.on('exit', () => {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
});

/** @type {(() => Promise<void>)[]} ended in reverse order */
const started = [];
/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    total.failed += 1;
    process.exit(130);
  });
}

await runScript(async () => {
  try {
    if (await check('set-up and build', prepare)) await alone('examples', testExamples);
  } finally {
    for (const close of started.reverse()) await close();
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
  if (installed) await checkImports();
  if (!installed) return;

  const scene = await setScene();
  await scene.checkCommands('docs/nexus.md');
  await scene.checkCommands('docs/other-workflows.md');
  if (typed) {
    await scene.startWorker('the TypeScript example', process.execPath, ['dist/worker.js'], {
      cwd: TYPESCRIPT,
    });
    for (const door of ['child', 'nexus']) {
      await scene.checkReports(`TypeScript, ${door}`, (jobId) => ({
        program: process.execPath,
        args: ['dist/report.js', door, jobId],
        cwd: TYPESCRIPT,
      }));
    }
    await scene.checkReports('TypeScript, client', (jobId) => ({
      program: process.execPath,
      args: ['dist/restart.js', jobId, scene.projectId],
      cwd: TYPESCRIPT,
    }));
  }
  if (python) {
    await scene.startWorker('the Python example', VENV_PYTHON, ['worker.py'], { cwd: PYTHON });
    await scene.checkReports('Python, child', (jobId) => ({
      program: VENV_PYTHON,
      args: ['report.py', jobId],
      cwd: PYTHON,
    }));
  }
}

async function installTypeScript() {
  await copyExample('typescript-child', TYPESCRIPT);
  const tarball = path.join(TYPESCRIPT, 'modelarts-restarter.tgz');
  await pack(tarball);
  // npm does not notice that a file of the same name and version has changed.
  await rm(path.join(TYPESCRIPT, 'node_modules', 'modelarts-restarter'), {
    recursive: true,
    force: true,
  });
  await rm(path.join(TYPESCRIPT, 'node_modules', '.package-lock.json'), { force: true });
  await npm(['install', '--no-package-lock', '--prefer-offline', '--loglevel', 'error'], {
    cwd: TYPESCRIPT,
  });
}

/** @param {string} tarball */
async function pack(tarball) {
  const folder = inCache('examples', 'packed');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await npm(['pack', '--pack-destination', folder, '--loglevel', 'error'], { cwd: inRoot() });
  const [packed] = await readdir(folder);
  if (packed === undefined) throw new Obstacle('npm pack left no file.');
  await rename(path.join(folder, packed), tarball);
}

async function compileTypeScript() {
  await npm(['run', 'build'], { cwd: TYPESCRIPT });
}

async function installPython() {
  await copyExample('python-child', PYTHON);
  await makeIfChanged('python-example', {
    from: ['examples/python-child/requirements.txt'],
    makes: [path.relative(inRoot(), VENV_PYTHON)],
    make: async () => {
      await rm(VENV, { recursive: true, force: true });
      const python = process.platform === 'win32' ? 'python' : 'python3';
      await must(python, ['-m', 'venv', VENV], {
        hint: 'Python 3.10 or later with its venv module is needed (Debian: python3-venv).',
      });
      const requirements = path.join(PYTHON, 'requirements.txt');
      await must(VENV_PYTHON, ['-m', 'pip', 'install', '--quiet', '-r', requirements], {
        hint: 'The usual reason is that the package index can’t be reached.',
      });
    },
  });
}

/**
 * Sources only, so that what is installed in the copy stays, and the repository clean.
 *
 * @param {string} name
 * @param {string} copy
 */
async function copyExample(name, copy) {
  await mkdir(copy, { recursive: true });
  await rm(path.join(copy, 'src'), { recursive: true, force: true });
  await rm(path.join(copy, 'dist'), { recursive: true, force: true });
  await cp(inRoot('examples', name), copy, {
    recursive: true,
    filter: (file) => !/[\\/](node_modules|dist|\.venv|__pycache__)$/.test(file),
  });
}

/** Other programs can import what is for them without loading a worker. */
async function checkImports() {
  await check('the probe sees a worker where one is imported', async () => {
    const { packages, nativeCore } = await loadedBy('@temporalio/worker');
    if (!packages.includes('@temporalio/worker') || !nativeCore) {
      throw new Obstacle(`it saw ${packages.join(', ')}; native core: ${nativeCore}`);
    }
  });
  const { exports } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'));
  for (const entry of Object.keys(exports).filter((name) => !name.endsWith('.json'))) {
    const specifier = path.posix.join('modelarts-restarter', entry);
    await check(`import '${specifier}' loads no worker`, async () => {
      const { packages, nativeCore } = await loadedBy(specifier);
      if (packages.some((name) => /^@temporalio\/(worker|core-bridge)$/.test(name)) || nativeCore) {
        throw new Obstacle(`it loaded ${packages.join(', ')}; native core: ${nativeCore}`);
      }
    });
  }
}

/**
 * What an import brings along: packages that were loaded, and whether Temporal's native core, which
 * only a worker needs, is among the process's libraries.
 *
 * @param {string} specifier
 * @returns {Promise<{ packages: string[], nativeCore: boolean }>}
 */
async function loadedBy(specifier) {
  const probe = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(specifier)});
    const { cache } = createRequire(process.cwd() + '/');
    const names = Object.keys(cache).map((file) =>
      /.*node_modules[\\\\/]((?:@[^\\\\/]+[\\\\/])?[^\\\\/]+)/.exec(file)?.[1].replace('\\\\', '/'));
    const { sharedObjects } = process.report.getReport();
    const nativeCore = sharedObjects.some((file) => file.includes('core-bridge'));
    console.log(JSON.stringify({ packages: [...new Set(names)].filter(Boolean), nativeCore }));
    process.exit();`;
  const { output } = await must(process.execPath, ['--input-type=module', '--eval', probe], {
    cwd: TYPESCRIPT,
  });
  return JSON.parse(tail(output, 1));
}

/** A Temporal server, a simulated ModelArts, and the packed worker. */
async function setScene() {
  const cli = await setUpTemporalCli();
  const server = await startDevServer({ cli });
  started.push(() => server.close());
  const { startSimulator } = await import(
    pathToFileURL(inCache('tools', 'simulator', 'index.js')).href
  );
  const simulator = await startSimulator();
  started.push(() => simulator.close());
  const env = { ...withoutSettings(process.env), TEMPORAL_ADDRESS: server.address };

  /**
   * @param {string} what
   * @param {string} program
   * @param {string[]} args
   * @param {{ cwd: string, env?: Record<string, string> }} options
   */
  const startWorker = (what, program, args, { cwd, env: more = {} }) =>
    untilListening(what, spawn(program, args, { cwd, env: { ...env, ...more }, stdio: 'pipe' }));

  await startWorker('the restarter', process.execPath, ['dist/worker.js'], {
    cwd: path.join(TYPESCRIPT, 'node_modules', 'modelarts-restarter'),
    env: {
      MODELARTS_ENDPOINT: simulator.url,
      HW_PROJECT_ID: simulator.projectId,
      HW_AUTH_TOKEN: 'a-token-of-the-examples',
    },
  });

  let jobs = 100;
  /**
   * @param {string} name
   * @param {(jobId: string) => { program: string, args: string[], cwd: string }} command
   */
  const checkReports = async (name, command) => {
    const down = String((jobs += 1));
    simulator.addJob({ jobId: down, status: KILLED });
    await check(`${name}: reports a restart`, async () => {
      await expectLine(command(down), env, `job ${down}: running, now RUNNING, by way of `);
      if (simulator.acceptedRestarts(down) !== 1) throw new Obstacle('there was no restart');
    });
    const up = String((jobs += 1));
    simulator.addJob({ jobId: up, status: RUNNING });
    await check(`${name}: reports a refusal`, () =>
      expectLine(
        command(up),
        env,
        `job ${up}: refused (ModelArts.0105), was RUNNING, ModelArts says: `,
      ),
    );
  };
  simulator.addJob({ jobId: '10', status: KILLED });
  const PATH = [await folderOfTemporal(cli), process.env['PATH']].join(path.delimiter);
  /** @param {string} page */
  const checkCommands = async (page) => {
    for (const command of await commandsOf(page)) {
      await check(`${page}: ${command}`, () =>
        must('sh', ['-c', command], { env: { ...env, PATH }, timeoutMs: RUN_LIMIT_MS }),
      );
    }
  };
  return {
    checkCommands,
    projectId: /** @type {string} */ (simulator.projectId),
    startWorker,
    checkReports,
  };
}

/**
 * The commands of a page: the lines of its fences that are marked `sh ci`, as in the README.
 *
 * @param {string} page
 */
async function commandsOf(page) {
  const text = await readFile(inRoot(page), 'utf8');
  const fences = [...text.matchAll(/^```sh ci\n([\s\S]*?)^```$/gm)];
  const commands = fences.flatMap(([, lines = '']) => lines.split('\n')).filter(Boolean);
  if (commands.length === 0) throw new Obstacle(`${page} has no commands to run.`);
  return commands;
}

/**
 * @param {string} cli
 * @returns {Promise<string>} a folder in which it is called `temporal`
 */
async function folderOfTemporal(cli) {
  const folder = inCache('examples', 'bin');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await symlink(cli, path.join(folder, 'temporal'));
  return folder;
}

/**
 * Waits until a worker says that it listens, and has it ended when all is over.
 *
 * @param {string} what
 * @param {import('node:child_process').ChildProcessWithoutNullStreams} child
 */
async function untilListening(what, child) {
  children.add(child);
  let log = '';
  const exited = new Promise((resolve) => child.once('close', resolve));
  started.push(async () => {
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(patience);
    children.delete(child);
  });
  /** @type {Promise<void>} */
  const listening = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        log = (log + text).slice(-8_192);
        if (/listening/i.test(log)) resolve();
      });
    }
  });
  child.on('error', (error) => (log += error.message));
  const tooLate = new Promise((resolve) => setTimeout(resolve, START_LIMIT_MS).unref());
  await Promise.race([
    listening,
    Promise.race([exited, tooLate]).then(() => {
      throw new Obstacle(`The worker of ${what} did not start:\n${tail(log, 15)}`);
    }),
  ]);
}

/**
 * @param {{ program: string, args: string[], cwd: string }} command
 * @param {NodeJS.ProcessEnv} env
 * @param {string} beginning of the one line that it prints
 */
async function expectLine({ program, args, cwd }, env, beginning) {
  const { output } = await must(program, args, { cwd, env, timeoutMs: RUN_LIMIT_MS });
  const line = output.trim();
  say(dim(`  ${line}`));
  if (line.includes('\n') || !line.startsWith(beginning)) {
    throw new Obstacle(`wanted: ${beginning}…\ngot:    ${line}`);
  }
}

/**
 * Runs a program that must succeed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, hint?: string }} [options]
 */
async function must(program, args, { hint, timeoutMs = INSTALL_LIMIT_MS, ...options } = {}) {
  const result = await run(program, args, { timeoutMs, ...options });
  if (result.code === 0) return result;
  const why = result.timedOut ? `did not end in ${seconds(timeoutMs)}` : `exit code ${result.code}`;
  throw new Obstacle(
    [`${program} ${args.join(' ')}: ${why}`, tail(result.output, 15), hint]
      .filter(Boolean)
      .join('\n'),
  );
}

/**
 * Runs npm: the one that runs this script, if there is one.
 *
 * @param {string[]} args
 * @param {{ cwd: string }} options
 */
function npm(args, options) {
  const own = process.env['npm_execpath'];
  return own === undefined
    ? must(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options)
    : must(process.execPath, [own, ...args], options);
}

/**
 * What the user's shell has set for real work must not leak in.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function withoutSettings(env) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(TEMPORAL_(?!CLI_PATH)|MODELARTS_|HW_|HUAWEICLOUD_SDK_)/.test(name),
    ),
  );
}

/**
 * @param {string} name
 * @param {() => Promise<unknown>} work throws where the check fails
 * @returns {Promise<boolean>}
 */
async function check(name, work) {
  const startedAt = performance.now();
  try {
    await work();
    total.passed += 1;
    say(`${green('✓')} ${name} ${dim(seconds(performance.now() - startedAt))}`);
    return true;
  } catch (error) {
    total.failed += 1;
    say(`${red('✗')} ${name} ${dim(seconds(performance.now() - startedAt))}`);
    const problem = error instanceof Error && !(error instanceof Obstacle) ? error.stack : error;
    say(problem instanceof Obstacle ? problem.message : String(problem));
    return false;
  }
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './child.mjs';
import { makeIfNewer } from './make-if-newer.mjs';
import { alone } from './lock.mjs';
import { inCache, inRoot } from './project.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle, runScript, say, takingTime } from './terminal.mjs';

const ALWAYS = ['package-lock.json', 'tsconfig.json', 'scripts/build.mjs'];

/** Compiles `src/` to `dist/`, with the workflow bundle; after `setUp()`. */
export const build = () =>
  alone('build', () =>
    makeIfNewer('dist', {
      from: ['src', 'tsconfig.build.json', 'package.json', ...ALWAYS],
      makes: ['dist/worker.js', 'dist/workflow-bundle.cjs'],
      make: () =>
        takingTime('building dist/', async () => {
          await rm(inRoot('dist'), { recursive: true, force: true });
          await compile('tsconfig.build.json');
          await bundleWorkflows('dist/workflows/index.js', inRoot('dist', 'workflow-bundle.cjs'));
        }),
    }),
  );

/** Compiles the simulator and the benchmarks to `.cache/tools/`; after `setUp()`. */
export const buildTools = () =>
  alone('build-tools', () =>
    makeIfNewer('tools', {
      from: [
        'src',
        'simulator',
        'bench',
        'chaos',
        'soak',
        'proof',
        'tsconfig.tools.json',
        ...ALWAYS,
      ],
      makes: ['.cache/tools/simulator/index.js', '.cache/tools/proof/index.js'],
      make: () =>
        takingTime('compiling the simulator', async () => {
          await rm(inCache('tools'), { recursive: true, force: true });
          await compile('tsconfig.tools.json');
        }),
    }),
  );

/**
 * Bundles the workflows of another program that calls ours, and those of a release to come, for tests; after
 * `build()`.
 *
 * @returns {Promise<{ callers: string, next: string }>} the bundles' paths
 */
export async function buildTestBundles() {
  const bundles = {
    callers: inCache('test', 'callers-bundle.cjs'),
    next: inCache('test', 'next-bundle.cjs'),
  };
  await alone('test-bundles', () =>
    makeIfNewer('test-bundles', {
      from: [
        'src/workflows',
        'src/domain',
        'src/nexus',
        'src/names.ts',
        'test/nexus/callers.ts',
        'test/e2e/next-workflows.ts',
        ...ALWAYS,
      ],
      makes: Object.values(bundles).map((bundle) => path.relative(inRoot(), bundle)),
      make: async () => {
        await bundleWorkflows('test/nexus/callers.ts', bundles.callers);
        await bundleWorkflows('test/e2e/next-workflows.ts', bundles.next);
      },
    }),
  );
  return bundles;
}

/** @param {string} project */
async function compile(project) {
  const tsc = path.join('node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', project]);
  if (code !== 0) throw new Obstacle(`tsc -p ${project} failed:\n${output.trim()}`);
}

/**
 * All workflows of a worker share the modules: each is evaluated once, not for each workflow. So no module may
 * keep state outside its functions.
 *
 * @param {string} entry
 * @param {string} target ends in `.cjs`: the bundle is CommonJS, the package is not
 */
async function bundleWorkflows(entry, target) {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: inRoot(entry),
    preloadModules: [inRoot(entry)],
    logger: new DefaultLogger('WARN'),
  });
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, code);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript(async () => {
    await setUp();
    await build();
    await buildTools();
    const { name, version } = JSON.parse(await readFile(inRoot('package.json'), 'utf8'));
    say(`${name} ${version} is in dist/`);
  });
}

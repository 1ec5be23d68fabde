/** What an import of the package brings along. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../checks.mjs';
import { tail } from '../child.mjs';
import { inRoot } from '../project.mjs';
import { Obstacle } from '../terminal.mjs';
import { TYPESCRIPT } from './install.mjs';
import { must } from './programs.mjs';

/** Other programs can import what is for them without loading a worker. */
export async function checkImports() {
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
  const output = await must(process.execPath, ['--input-type=module', '--eval', probe], {
    cwd: TYPESCRIPT,
  });
  return JSON.parse(tail(output, 1));
}

import { tail } from '../../scripts/child.mjs';
import { TYPESCRIPT } from './install.js';
import { runProgram } from './run-program.js';

/**
 * What an import in the TypeScript example brings along: the packages that were loaded, and whether Temporal's native
 * core, which only a worker needs, is among the process's libraries.
 */
export async function loadedBy(
  specifier: string,
): Promise<{ packages: string[]; nativeCore: boolean }> {
  const probe = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(specifier)});
    const { cache } = createRequire(process.cwd() + '/');
    const names = Object.keys(cache).map((file) =>
      /.*node_modules\\/((?:@[^\\/]+\\/)?[^\\/]+)/.exec(file)?.[1]);
    const { sharedObjects } = process.report.getReport();
    const nativeCore = sharedObjects.some((file) => file.includes('core-bridge'));
    console.log(JSON.stringify({ packages: [...new Set(names)].filter(Boolean), nativeCore }));
    process.exit();`;
  const output = await runProgram({
    program: process.execPath,
    args: ['--input-type=module', '--eval', probe],
    cwd: TYPESCRIPT,
  });
  return JSON.parse(tail(output, 1)) as { packages: string[]; nativeCore: boolean };
}

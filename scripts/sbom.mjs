/**
 * `npm run --silent sbom`: prints a bill of materials (CycloneDX) of what is installed with the worker.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { npm, tail } from './child.mjs';
import { inRoot } from './project.mjs';
import { Obstacle, print, runScript } from './terminal.mjs';

/**
 * Lets npm make it in a folder that knows nothing of the tools of development. `npm sbom --omit=dev` (11.19) would leave
 * out each package that a tool needs as well, Temporal's worker among them.
 *
 * @returns {Promise<string>} JSON
 */
export async function billOfMaterials() {
  const project = await read('package.json');
  const lock = await read('package-lock.json');
  delete project.devDependencies;
  delete lock.packages[''].devDependencies;
  for (const [folder, { dev, devOptional }] of Object.entries(lock.packages)) {
    if (dev || devOptional) delete lock.packages[folder];
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'sbom-'));
  try {
    await writeFile(path.join(folder, 'package.json'), JSON.stringify(project));
    await writeFile(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
    const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--loglevel=error'];
    const { code, output } = await npm(args, { cwd: folder });
    if (code !== 0) throw new Obstacle(`npm ${args.join(' ')}: exit code ${code}\n${tail(output)}`);
    return output;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} file */
const read = async (file) => JSON.parse(await readFile(inRoot(file), 'utf8'));

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runScript(async () => print((await billOfMaterials()).trim()));
}

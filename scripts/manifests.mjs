import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run, tail } from './child.mjs';
import { inCache, inRoot } from './project.mjs';
import { Obstacle } from './terminal.mjs';

/** Brings the schemas of each version of the Kubernetes API. */
const VALIDATOR = 'kubernetes-validate==1.37.0';

/** The oldest version in which everything that the manifests use is stable, and the newest one. */
const KUBERNETES = ['1.25', '1.37'];

/** Exposure by `systemd-analyze security`: 0 is best, 10 is a service without any protection. */
const MOST_EXPOSURE = 2;

/** Validates the Kubernetes manifests against the schemas of the API. */
export async function checkManifests() {
  const venv = inCache('kubernetes-validate');
  const python = path.join(venv, 'bin', 'python');
  await must('python3', ['-m', 'venv', venv]);
  await must(python, ['-m', 'pip', 'install', '--quiet', VALIDATOR]);
  const folder = inRoot('deploy', 'kubernetes');
  const files = (await readdir(folder)).map((file) => path.join(folder, file));
  for (const version of KUBERNETES) {
    const args = ['--strict', '--kubernetes-version', version, ...files];
    await must(path.join(venv, 'bin', 'kubernetes-validate'), args);
  }
}

/** Lets systemd read the unit, and judge how well the service is protected. */
export async function checkUnit() {
  const name = 'modelarts-restarter.service';
  const unit = await readFile(inRoot('deploy', 'systemd', name), 'utf8');
  const folder = inCache('systemd');
  const file = path.join(folder, name);
  await mkdir(folder, { recursive: true });
  // systemd looks for the program where the unit says that it is.
  await writeFile(file, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
  const said = await must('systemd-analyze', ['verify', '--man=no', file]);
  // A key that systemd does not know is a warning, with exit code 0.
  if (said.includes(name)) throw new Obstacle(said.trim());
  const args = ['security', '--offline=true', '--no-pager', file];
  const { output } = await run('systemd-analyze', args);
  const [, exposure] = /Overall exposure level.*: (\d+\.\d+)/.exec(output) ?? [];
  if (exposure === undefined || Number(exposure) > MOST_EXPOSURE) {
    throw new Obstacle(`its exposure is ${exposure}, more than ${MOST_EXPOSURE}:\n${output}`);
  }
}

/**
 * Runs a program that must succeed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 * @returns {Promise<string>} what it has printed
 */
export async function must(program, args, options) {
  const { code, output } = await run(program, args, options);
  if (code === 0) return output;
  throw new Obstacle(`${program} ${args.join(' ')}: exit code ${code}\n${tail(output, 15)}`);
}

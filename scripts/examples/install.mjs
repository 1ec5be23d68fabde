/** Copies of the examples, with what they need. */
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeIfNewer } from '../make-if-newer.mjs';
import { inCache, inRoot } from '../project.mjs';
import { Obstacle } from '../terminal.mjs';
import { must } from './programs.mjs';

export const TYPESCRIPT = inCache('examples', 'typescript');
export const PYTHON = inCache('examples', 'python');
const VENV = path.join(PYTHON, '.venv');
export const VENV_PYTHON =
  process.platform === 'win32'
    ? path.join(VENV, 'Scripts', 'python.exe')
    : path.join(VENV, 'bin', 'python');

export async function installTypeScript() {
  await copyExample('typescript', TYPESCRIPT);
  const tarball = path.join(TYPESCRIPT, 'modelarts-restarter.tgz');
  await pack(tarball);
  // npm does not notice that a file of the same name and version has changed.
  await rm(path.join(TYPESCRIPT, 'node_modules', 'modelarts-restarter'), {
    recursive: true,
    force: true,
  });
  await rm(path.join(TYPESCRIPT, 'node_modules', '.package-lock.json'), { force: true });
  await must('npm', ['install', '--no-package-lock', '--prefer-offline', '--loglevel', 'error'], {
    cwd: TYPESCRIPT,
  });
}

/** @param {string} tarball */
async function pack(tarball) {
  const folder = inCache('examples', 'packed');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await must('npm', ['pack', '--pack-destination', folder, '--loglevel', 'error'], {
    cwd: inRoot(),
  });
  const [packed] = await readdir(folder);
  if (packed === undefined) throw new Obstacle('npm pack left no file.');
  await rename(path.join(folder, packed), tarball);
}

export async function compileTypeScript() {
  await must('npm', ['run', 'build'], { cwd: TYPESCRIPT });
}

export async function installPython() {
  await copyExample('python', PYTHON);
  await makeIfNewer('python-example', {
    from: ['examples/python/requirements.txt'],
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

import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeIfNewer } from '../../scripts/make-if-newer.mjs';
import { inCache, inRoot } from '../../scripts/project.mjs';
import { runProgram } from './run-program.js';

/** The copies of the examples, in which they find what they need. */
export const TYPESCRIPT = inCache('examples', 'typescript');
export const PYTHON = inCache('examples', 'python');

const VENV = path.join(PYTHON, '.venv');
export const VENV_PYTHON = path.join(VENV, 'bin', 'python');

/** An installation ends when it is done, or by the test's own deadline. */
export const INSTALLATION = { timeoutMs: 600_000 };

export async function installTypeScript(): Promise<void> {
  await copyExample('typescript', TYPESCRIPT);
  await pack(path.join(TYPESCRIPT, 'modelarts-restarter.tgz'));
  // npm does not notice that a file of the same name and version has changed.
  const modules = path.join(TYPESCRIPT, 'node_modules');
  await rm(path.join(modules, 'modelarts-restarter'), { recursive: true, force: true });
  await rm(path.join(modules, '.package-lock.json'), { force: true });
  const args = ['install', '--no-package-lock', '--prefer-offline', '--loglevel', 'error'];
  await runProgram({ program: 'npm', args, cwd: TYPESCRIPT }, INSTALLATION);
}

/** Packs the package into a file. */
export async function pack(tarball: string): Promise<void> {
  const folder = `${tarball}.packed`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const args = ['pack', '--pack-destination', folder, '--loglevel', 'error'];
  await runProgram({ program: 'npm', args }, INSTALLATION);
  const [packed] = await readdir(folder);
  if (packed === undefined) throw new Error('npm pack left no file.');
  await rename(path.join(folder, packed), tarball);
  await rm(folder, { recursive: true });
}

export async function installPython(): Promise<void> {
  await copyExample('python', PYTHON);
  await makeIfNewer('python-example', {
    from: ['examples/python/requirements.txt'],
    makes: [path.relative(inRoot(), VENV_PYTHON)],
    make: async () => {
      await rm(VENV, { recursive: true, force: true });
      await runProgram(
        { program: 'python3', args: ['-m', 'venv', VENV] },
        { hint: 'Python 3.10 or later with its venv module is needed (Debian: python3-venv).' },
      );
      const requirements = path.join(PYTHON, 'requirements.txt');
      await runProgram(
        { program: VENV_PYTHON, args: ['-m', 'pip', 'install', '--quiet', '-r', requirements] },
        { ...INSTALLATION, hint: 'The usual reason is that the package index can’t be reached.' },
      );
    },
  });
}

/** Sources only, so that what is installed in the copy stays, and the repository clean. */
async function copyExample(name: string, copy: string): Promise<void> {
  await mkdir(copy, { recursive: true });
  await rm(path.join(copy, 'src'), { recursive: true, force: true });
  await rm(path.join(copy, 'dist'), { recursive: true, force: true });
  await cp(inRoot('examples', name), copy, {
    recursive: true,
    filter: (file) => !/\/(node_modules|dist|\.venv|__pycache__)$/.test(file),
  });
}

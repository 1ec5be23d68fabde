/**
 * Builds the worker's image without a registry, and runs it. Debian's packages and Node's npm package stand in for the
 * two images that the Containerfile starts from; the Containerfile is used as it is.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { npm, run, startChild, tail } from './child.mjs';
import { startDevServer } from './dev-server.mjs';
import { importTool } from './local-stack.mjs';
import { must } from './manifests.mjs';
import { inCache, inRoot } from './project.mjs';
import { Obstacle, takingTime } from './terminal.mjs';

const NODE_VERSION = '24.21.0';
const SUITE = 'bookworm';

const IMAGE = 'localhost/modelarts-restarter:test';
const NODE_IMAGE = `localhost/modelarts-restarter-node:${NODE_VERSION}`;
const RUNTIME_IMAGE = `localhost/modelarts-restarter-debian:${SUITE}`;

/** Otherwise buildah wants namespaces, which a container seldom may make. */
const ENV = { ...process.env, BUILDAH_ISOLATION: 'chroot' };

/** The program and its packages have 155 MB; all five platforms of Temporal's core would add 110 MB. */
const MOST_MB = 200;

/** @param {...string} args */
const buildah = async (...args) => (await must('buildah', args, { env: ENV })).trim();

/** Builds the image, and checks what is in it. */
export async function buildImage() {
  const { code } = await run('buildah', ['inspect', '--type', 'image', NODE_IMAGE], { env: ENV });
  if (code !== 0) await takingTime('making a Debian to build on', makeBases);
  await takingTime('building the image', () =>
    buildah(
      ...[
        'bud',
        '--pull=never',
        '--layers=false',
        '--network=host',
        '--file',
        'deploy/Containerfile',
      ],
      ...['--build-arg', `NODE_IMAGE=${NODE_IMAGE}`],
      ...['--build-arg', `RUNTIME_IMAGE=${RUNTIME_IMAGE}`, '--tag', IMAGE, inRoot()],
    ),
  );
  const { OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', IMAGE));
  const { Cmd, Entrypoint, User } = OCIv1.config;
  if (
    Entrypoint !== undefined ||
    Cmd.join(' ') !== 'node dist/worker.js' ||
    User !== '10001:10001'
  ) {
    throw new Obstacle(`it starts ${JSON.stringify(OCIv1.config)}`);
  }
  await inContainer(async (container, root) => {
    const modules = path.join(root, 'app', 'node_modules');
    const cores = await readdir(path.join(modules, '@temporalio', 'core-bridge', 'releases'));
    if (cores.length !== 1) throw new Obstacle(`it has the cores ${cores.join(', ')}`);
    const unwanted = ['npm', 'typescript', 'jest'].filter((name) =>
      existsSync(path.join(modules, name)),
    );
    const npmIs = await buildah('run', container, 'sh', '-c', 'command -v npm || echo nowhere');
    if (npmIs !== 'nowhere') unwanted.push(npmIs);
    if (unwanted.length > 0) throw new Obstacle(`it has ${unwanted.join(', ')}`);
    const user = await buildah('run', container, 'id', '-u');
    if (user !== '10001') throw new Obstacle(`it runs as ${user}`);
    const [kilobytes = ''] = (await must('du', ['-sk', path.join(root, 'app')])).split('\t');
    const megabytes = Math.round(Number(kilobytes) / 1_000);
    if (megabytes > MOST_MB)
      throw new Obstacle(`the program has ${megabytes} MB, more than ${MOST_MB}`);
  });
}

/**
 * Runs the image against a Temporal server and the simulator, restarts a job, and stops it as Kubernetes would.
 *
 * @param {string} cli Temporal's
 */
export async function restartInImage(cli) {
  /** @type {typeof import('../simulator/index.js')} */
  const { startSimulator } = await importTool('simulator');
  const server = await startDevServer({ cli });
  const simulator = await startSimulator();
  try {
    simulator.addJob({ jobId: '10', status: 12 });
    await inContainer(async (container) => {
      const settings = {
        TEMPORAL_ADDRESS: server.address,
        MODELARTS_ENDPOINT: simulator.url,
        HW_PROJECT_ID: simulator.projectId,
        HW_AUTH_TOKEN: 'token-CanaryOfTheTests',
      };
      const variables = Object.entries(settings).flatMap(([name, value]) => [
        '--env',
        `${name}=${value}`,
      ]);
      const inside = [container, '--', 'node'];
      const args = ['run', '--network=host', ...variables, ...inside];
      const worker = startChild('buildah', [...args, 'dist/worker.js'], { env: ENV });
      try {
        await worker.says(/"msg":"Listening"/);
        const restart = [...args, 'dist/cli.js', 'restart', '10', '--poll-interval', '1s'];
        const output = await must('buildah', restart, { env: ENV });
        if (!output.includes('job 10 is running') || simulator.acceptedRestarts('10') !== 1) {
          throw new Obstacle(`the restart printed:\n${tail(output, 15)}`);
        }
        // buildah itself would not pass the signal on.
        process.kill(await pidOfWorker(), 'SIGTERM');
        const code = await Promise.race([worker.ended, sleep(30_000, 'still running')]);
        if (code !== 0 || !worker.output().includes('"msg":"Stopped"')) {
          throw new Obstacle(`after SIGTERM: ${code}\n${tail(worker.output(), 15)}`);
        }
      } finally {
        await worker.close();
      }
    });
  } finally {
    await simulator.close();
    await server.close();
  }
}

/** The worker in the container: as the image's user, with the image's command. */
async function pidOfWorker() {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (/^Uid:\t10001\t/m.test(status) && command === '/usr/local/bin/node\0dist/worker.js\0')
      return Number(name);
  }
  throw new Obstacle('no process is the worker of the image');
}

/**
 * Makes a container of the image for as long as the work takes.
 *
 * @param {(container: string, root: string) => Promise<void>} work `root` is where the container's files are
 */
async function inContainer(work) {
  const container = await buildah('from', '--pull=never', IMAGE);
  try {
    await work(container, await buildah('mount', container));
  } finally {
    await buildah('rm', container);
  }
}

/** Makes what stands in for Debian's image, and for that of Node. */
async function makeBases() {
  const folder = inCache('image');
  const rootfs = path.join(folder, 'rootfs.tar');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await must('mmdebstrap', ['--variant=minbase', '--include=ca-certificates', SUITE, rootfs]);
  const debian = await buildah('from', 'scratch');
  await buildah('add', debian, rootfs, '/');
  await buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', debian);
  await buildah('commit', debian, RUNTIME_IMAGE);
  await buildah('rm', debian);

  const usr = path.join(folder, 'usr', 'local');
  await mkdir(path.join(usr, 'bin'), { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{"private":true}');
  const platform = `node-${process.platform}-${process.arch}@${NODE_VERSION}`;
  const { code, output } = await npm([
    'install',
    '--prefix',
    folder,
    '--no-save',
    platform,
    'npm@11',
  ]);
  if (code !== 0) throw new Obstacle(`npm install ${platform}: ${tail(output, 10)}`);
  const modules = path.join(folder, 'node_modules');
  const node = path.join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  await cp(node, path.join(usr, 'bin', 'node'));
  await cp(path.join(modules, 'npm'), path.join(usr, 'lib', 'node_modules', 'npm'), {
    recursive: true,
  });
  const image = await buildah('from', '--pull=never', RUNTIME_IMAGE);
  await buildah('add', image, usr, '/usr/local');
  await buildah(
    'run',
    image,
    'ln',
    '-s',
    '../lib/node_modules/npm/bin/npm-cli.js',
    '/usr/local/bin/npm',
  );
  await addAuthorities(image);
  await buildah('commit', image, NODE_IMAGE);
  await buildah('rm', image);
}

/**
 * Lets npm in the image trust the authorities that this machine trusts, and ask the registry that it asks.
 *
 * @param {string} image
 */
async function addAuthorities(image) {
  const authorities = process.env['NODE_EXTRA_CA_CERTS'];
  if (authorities !== undefined && existsSync(authorities)) {
    await buildah('copy', image, authorities, '/etc/ssl/certs/ca-certificates.crt');
  }
  const inside = '/etc/ssl/certs/ca-certificates.crt';
  await buildah('config', '--env', `NODE_EXTRA_CA_CERTS=${inside}`, image);
  await buildah('config', '--env', `npm_config_cafile=${inside}`, image);
  const { output } = await npm(['config', 'get', 'registry']);
  await buildah('config', '--env', `npm_config_registry=${output.trim()}`, image);
}

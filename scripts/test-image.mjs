/**
 * `npm run test:image`: tests what `deploy/` has, as far as that needs more than Node: the Kubernetes manifests
 * against the API's schemas (Python), the systemd unit (systemd-analyze), and the container image (buildah and
 * mmdebstrap, as root). Says what is left out because a program is missing; `--install` installs those of Debian.
 *
 * The last line is `N passed, N failed`.
 */
import { build, buildTools } from './build.mjs';
import { check, exitCode } from './checks.mjs';
import { run } from './child.mjs';
import { buildImage, restartInImage } from './image.mjs';
import { checkManifests, checkUnit } from './manifests.mjs';
import { setUp, setUpTemporalCli } from './set-up.mjs';
import { runScript, say, takingTime, yellow } from './terminal.mjs';

const mayInstall = process.argv.includes('--install');

/** @param {string} program */
const isThere = async (program) => (await run('sh', ['-c', `command -v ${program}`])).code === 0;

/**
 * Whether all programs are there, or could be installed; else says what is left out.
 *
 * @param {string} what
 * @param {Record<string, string>} programs program → its Debian package
 */
async function canTest(what, programs) {
  const missing = async () => {
    const names = Object.keys(programs);
    const found = await Promise.all(names.map(isThere));
    return names.filter((_, nth) => !found[nth]);
  };
  let left = await missing();
  if (left.length > 0 && mayInstall && process.getuid?.() === 0 && (await isThere('apt-get'))) {
    const packages = left.map((name) => programs[name] ?? name);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await takingTime(`installing ${packages.join(', ')}`, async () => {
      await run('apt-get', ['update'], { env });
      await run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], { env });
    });
    left = await missing();
  }
  if (left.length === 0) return true;
  say(yellow(`! ${what} was not tested: it needs ${left.join(', ')}`));
  return false;
}

await runScript(async () => {
  await setUp();
  if (await canTest('the systemd unit', { 'systemd-analyze': 'systemd' })) {
    await check('systemd takes the unit, and finds it well protected', checkUnit);
  }
  if (await canTest('the Kubernetes manifests', { python3: 'python3-venv' })) {
    await check('the Kubernetes manifests fit the schemas of the API', checkManifests);
  }
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) say(yellow('! the image was not tested: that needs to be root'));
  else if (await canTest('the image', { buildah: 'buildah', mmdebstrap: 'mmdebstrap' })) {
    const cli = await setUpTemporalCli();
    await build();
    await buildTools();
    if (await check('the image can be built, and holds what it should', buildImage)) {
      await check('the image restarts a job, and ends with 0 on SIGTERM', () =>
        restartInImage(cli),
      );
    }
  }
  return exitCode();
});

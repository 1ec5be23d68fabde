/**
 * `npm run test:release-before [-- --release <tag or commit>]`: replays histories with the workflows of the release
 * before: those in the repository, and others that this commit's workflows write now. Only if all replay is it safe
 * to roll back while restarts are under way. As long as there is no release, this commit's own workflows replay them.
 *
 * The histories in the repository are not enough: they were recorded before this commit, so they lack commands that
 * it adds.
 *
 * The last line is `N passed, N failed`.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { check, exitCode } from './checks.mjs';
import { npm, run } from './child.mjs';
import { inCache, inRoot, ROOT } from './project.mjs';
import { setUp } from './set-up.mjs';
import { Obstacle, say } from './terminal.mjs';

/** @typedef {{ eventType: string, [attributes: string]: any }} Event */
/** @typedef {{ name: string, workflowId: string, history: { events: Event[] } }} Recorded */

const HISTORIES = inRoot('test', 'replay', 'histories');
const FRESH = inCache('test', `histories-${process.pid}`);

const { values } = parseArgs({ options: { release: { type: 'string' } } });
let release = values.release ?? (await releaseBefore());
if (release === undefined) {
  say('  there is no release before this commit: its own workflows are taken');
  release = 'HEAD';
}

let folder = '';
if (
  (await check('set-up', setUp)) &&
  (await check(`the workflows of ${release}`, async () => (folder = await buildOf(release))))
) {
  await check('each history in the repository replays with them', () => replayAll(HISTORIES));
  await check('a history that they would not have written does not', findThePlantedOne);
  if (await check('histories of this commit’s workflows are recorded', record)) {
    await check('each of them replays', () => replayAll(FRESH));
    await check('one with a command that is new, behind `patched`, does not', findTheNewCommand);
  }
  await rm(FRESH, { recursive: true, force: true });
}
process.exitCode = exitCode();

/** The newest tag `v…` on the way to this commit, but not on it. */
async function releaseBefore() {
  const shallow = await run('git', ['rev-parse', '--is-shallow-repository'], { cwd: ROOT });
  if (shallow.output.trim() !== 'false') {
    throw new Obstacle('This needs the whole history with its tags: git fetch --unshallow --tags');
  }
  const args = ['describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*', 'HEAD^'];
  const { code, output } = await run('git', args, { cwd: ROOT });
  return code === 0 ? output.trim() : undefined;
}

/**
 * Builds another commit in a folder of its own, which is kept.
 *
 * @param {string} ref
 * @returns {Promise<string>} the folder
 */
async function buildOf(ref) {
  const commit = (await must('git', ['rev-parse', '--verify', `${ref}^{commit}`])).trim();
  const to = inCache('releases', commit);
  if (existsSync(path.join(to, 'dist', 'workflow-bundle.cjs'))) return to;
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  await must('sh', ['-c', `git archive ${commit} | tar -x -C "$0"`, to]);
  const lock = (/** @type {string} */ root) =>
    readFile(path.join(root, 'package-lock.json'), 'utf8');
  if ((await lock(to)) === (await lock(ROOT))) {
    await symlink(inRoot('node_modules'), path.join(to, 'node_modules'));
  } else {
    const { code, output } = await npm(['ci', '--no-audit', '--no-fund'], { cwd: to });
    if (code !== 0) throw new Obstacle(`npm ci failed:\n${output.trim()}`);
  }
  await must(process.execPath, ['scripts/build.mjs'], to);
  return to;
}

/**
 * @param {string} program
 * @param {string[]} args
 */
async function must(program, args, cwd = ROOT) {
  const { code, output } = await run(program, args, { cwd });
  if (code !== 0) throw new Obstacle(`${program} ${args.join(' ')} failed:\n${output.trim()}`);
  return output;
}

/** Plays all scenes of test/replay/scenarios.ts, and one with the workflows of a release to come. */
async function record() {
  const jest = ['node_modules/jest/bin/jest.js', '--testMatch', '<rootDir>/test/replay/record.ts'];
  const env = { ...process.env, HISTORIES_FOLDER: FRESH };
  const { code, output } = await run(process.execPath, jest, { env });
  if (code !== 0) throw new Obstacle(output.trim());
}

/** @param {string} from */
async function replayAll(from) {
  const files = (await readdir(from)).filter((file) => file.endsWith('.json'));
  const recorded = await Promise.all(files.map((file) => readHistory(path.join(from, file))));
  if (recorded.length === 0) throw new Obstacle('no history is recorded');
  const failures = await failuresOf(recorded);
  if (failures.length > 0) throw new Obstacle(failures.join('\n'));
  say(`  ${recorded.length} histories`);
}

async function findThePlantedOne() {
  const planted = await readHistory(path.join(HISTORIES, 'running.json'));
  for (const { activityTaskScheduledEventAttributes: scheduled } of planted.history.events) {
    if (scheduled !== undefined) scheduled.activityType.name = 'other';
  }
  if ((await failuresOf([planted])).length === 0) throw new Obstacle('it was not found out');
}

/** What a rollback from a release with that command would meet. */
async function findTheNewCommand() {
  const [failure = ''] = await failuresOf([
    await readHistory(path.join(FRESH, 'next', 'running.json')),
  ]);
  if (!/nondeterminism/i.test(failure)) throw new Obstacle(`it was not found out: ${failure}`);
}

/**
 * @param {string} file
 * @returns {Promise<Recorded>}
 */
async function readHistory(file) {
  const history = JSON.parse(await readFile(file, 'utf8'));
  const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
  return { name: path.basename(file, '.json'), workflowId, history };
}

/** @param {Recorded[]} recorded */
async function failuresOf(recorded) {
  const { DefaultLogger, Runtime, Worker } = createRequire(path.join(folder, 'package.json'))(
    '@temporalio/worker',
  );
  if (Runtime._instance === undefined) {
    // The planted history is meant to fail.
    const telemetryOptions = { logging: { filter: 'ERROR' } };
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions });
  }
  const workflowBundle = { codePath: path.join(folder, 'dist', 'workflow-bundle.cjs') };
  const nameOf = new Map(recorded.map(({ workflowId, name }) => [workflowId, name]));
  const failures = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, recorded))
    if (error !== undefined) failures.push(`${nameOf.get(workflowId)}: ${error.message}`);
  return failures;
}

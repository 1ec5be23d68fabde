import { execFileSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

it('the package’s client loads neither the worker nor the workflow’s runtime', () => {
  const script = `
    const { startRestart } = await import('modelarts-restarter');
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(process.cwd() + '/x').cache)
      .flatMap((file) => /@temporalio\\/([a-z-]+)/.exec(file)?.[1] ?? []);
    console.log(JSON.stringify([typeof startRestart, [...new Set(loaded)].sort()]));`;
  const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [kind, loaded] = JSON.parse(stdout) as [string, string[]];
  expect(kind).toBe('function');
  // Those that it needs are seen, so those that it must not load would be too.
  expect(loaded).toEqual(expect.arrayContaining(['client', 'common', 'proto']));
  for (const name of ['worker', 'core-bridge', 'workflow', 'activity']) {
    expect(loaded).not.toContain(name);
  }
});

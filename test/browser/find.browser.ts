import { readFileSync } from 'node:fs';
import path from 'node:path';
import { onStage, type Scene } from './stage.js';

const claim = onStage();

const PAGE = path.join(__dirname, '..', '..', 'docs', 'temporal-ui.md');

/** Restarts these jobs, which ModelArts refuses with this code; without one it takes them. */
async function restarts(
  { simulator, client, taskQueue, idOf }: Scene,
  jobIds: readonly string[],
  code?: string,
): Promise<void> {
  for (const jobId of jobIds) {
    simulator.addJob({ jobId, status: 12 });
    const refusal = { kind: 'refuse', status: 403, message: 'No such right.' } as const;
    const fault =
      code === undefined
        ? undefined
        : simulator.fault({ jobId, operation: 'restart', ...refusal, code });
    const restart = client.workflow.execute('restartVisualizationJob', {
      workflowId: idOf(jobId),
      taskQueue,
      args: [{ jobId, pollInterval: '1s' }],
    });
    await restart.catch(() => undefined);
    expect(fault?.fired).toBe(fault && 1);
  }
}

claim(
  'the list filtered by ModelArtsErrorCode shows the restarts that were refused so, and no other',
  async (scene) => {
    const { list, idOf, keep } = scene;
    const code = 'ModelArts.0112';
    await restarts(scene, ['913', '914'], code);
    await restarts(scene, ['915']);
    // The last one is in the list, so the others are.
    await list.open('ModelArtsJobId = "915"');
    expect(await list.ids(1)).toEqual([idOf('915')]);
    await list.open(`ModelArtsErrorCode = "${code}"`);
    expect(await list.ids(2)).toEqual(['913', '914'].map(idOf));
    await keep('list-by-error-code');
  },
);

claim('the same filter is put together with Add Filter', async (scene) => {
  const { list, idOf, keep } = scene;
  const code = 'ModelArts.0113';
  await restarts(scene, ['916'], code);
  await restarts(scene, ['917']);
  await list.open('ModelArtsJobId = "917"');
  await list.ids(1);
  await list.open();
  await list.addFilter('ModelArtsErrorCode', code);
  expect(await list.ids(1)).toEqual([idOf('916')]);
  expect(new URL(list.page.url()).searchParams.get('query')).toContain(code);
  await keep('list-by-add-filter');
});

claim('Temporal understands each query of the page', async ({ client }) => {
  const section = /^## Find restarts$(.*?)^## /ms.exec(readFileSync(PAGE, 'utf8'))![1]!;
  const queries = [...section.matchAll(/^\| `(.+?)`/gm)].map(([, query]) => query!);
  expect(queries.length).toBeGreaterThan(4);
  for (const query of queries) {
    const { count } = await client.workflow.count(query);
    expect(count).toBeGreaterThanOrEqual(0);
  }
  await expect(client.workflow.count('ModelArtsCode = "x"')).rejects.toThrow();
});

/**
 * Records the histories that test/replay/replay.test.ts replays: `npm run record:histories`.
 *
 * Histories that were recorded once stay: a release must replay those of the one before. Record
 * anew only what a deliberate, documented change of the workflow's commands makes obsolete.
 *
 * If `HISTORIES_FOLDER` is set, writes there instead, and adds `next/running.json`, recorded with the workflows of
 * `test/e2e/next-workflows.ts`, which stand for those of a release to come.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { endOf, openStage, type Stage } from '../setup/stage.js';
import { nextBundle } from '../setup/temporal.js';
import { shortRunsBundle } from '../workflows/batches.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';

const { HISTORIES_FOLDER: elsewhere } = process.env;
const folder = elsewhere ?? path.join(__dirname, 'histories');

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ list: true });
  // While tests run at once, Jest lets webpack load no more of itself.
  await shortRunsBundle();
});
afterAll(() => stage.close());

it.concurrent.each(Object.keys(SCENARIOS) as ScenarioName[])('records %s', async (name) => {
  const handle = await SCENARIOS[name](stage);
  await endOf(handle);
  await save(folder, name, handle);
});

if (elsewhere !== undefined) {
  it.concurrent('records a restart of a release to come', async () => {
    const next = await openStage({ workflowBundle: { code: readFileSync(nextBundle(), 'utf8') } });
    try {
      const handle = await SCENARIOS.running(next);
      await endOf(handle);
      await save(path.join(folder, 'next'), 'running', handle);
    } finally {
      await next.close();
    }
  });
}

async function save(to: string, name: string, handle: WorkflowHandle): Promise<void> {
  const json: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
  // The recording machine's name and process are nobody's business.
  const text = JSON.stringify(json, undefined, 1)
    .replaceAll(`${process.pid}@${hostname()}`, 'recorder')
    .replaceAll(hostname(), 'recorder');
  mkdirSync(to, { recursive: true });
  writeFileSync(path.join(to, `${name}.json`), `${text}\n`);
}

/**
 * Records the histories that test/replay/replay.test.ts replays: `npm run record:histories`.
 *
 * Histories that were recorded once stay: a release must replay those of the one before. Record
 * anew only what a deliberate, documented change of the workflow's commands makes obsolete.
 */
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { endOf, openStage, type Stage } from '../setup/stage.js';
import { SCENARIOS, type ScenarioName } from './scenarios.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it.each(Object.keys(SCENARIOS) as ScenarioName[])('records %s', async (name) => {
  const handle = await SCENARIOS[name](stage);
  await endOf(handle);
  await save(name, handle);
});

async function save(name: string, handle: WorkflowHandle): Promise<void> {
  const json: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
  // The recording machine's name and process are nobody's business.
  const text = JSON.stringify(json, undefined, 1)
    .replaceAll(`${process.pid}@${hostname()}`, 'recorder')
    .replaceAll(hostname(), 'recorder');
  writeFileSync(path.join(__dirname, 'histories', `${name}.json`), `${text}\n`);
}

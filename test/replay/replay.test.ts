import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { beQuiet } from '../setup/stage.js';
import { testWorkflowBundle } from '../setup/temporal.js';
import { SCENARIOS } from './scenarios.js';

const FOLDER = path.join(__dirname, 'histories');
const recorded = readdirSync(FOLDER).map((file) => path.basename(file, '.json'));

interface RecordedEvent {
  eventType: string;
  [attributes: string]: unknown;
}

const historyOf = (name: string): { events: RecordedEvent[] } =>
  JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')) as {
    events: RecordedEvent[];
  };

/** How each recorded workflow ended: the outcome, or the failure's type. */
const ENDS: Record<keyof typeof SCENARIOS, string> = {
  running: 'running',
  finished: 'finished',
  refused: 'ModelArts.0105',
  failed: 'RestartFailed',
  stopped: 'JobStopped',
  'no-effect': 'RestartHadNoEffect',
  'timed-out': 'RestartTimedOut',
  unknown: 'RestartUnknown',
  'canceled-leave': 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED',
  'canceled-stop': 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED',
  'invalid-input': 'InvalidInput',
  'unknown-workflow-type': 'UnknownWorkflowType',
  'answer-lost': 'running',
  repeated: 'running',
  throttled: 'running',
  attached: 'running',
  'stopped-first': 'running',
  'asked-by-messages': 'running',
  'left-to-others': 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED',
  'ran-as-child': 'running',
  'started-by-another': 'running',
  joined: 'running',
  batch: 'SomeRestartsFailed',
  'batch-canceled': 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED',
  'batch-continued': 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED',
};

beforeAll(beQuiet);

it('there is a recorded history for every scenario, and no other', () => {
  expect(recorded.sort()).toEqual(Object.keys(SCENARIOS).sort());
});

it.each(Object.entries(ENDS))('%s was recorded to its end: %s', (name, end) => {
  expect(endIn(historyOf(name).events.at(-1)!)).toBe(end);
});

it('every recorded history replays with the workflows of today', async () => {
  const histories = recorded.map((name) => ({ workflowId: idOf(name), history: historyOf(name) }));
  const failures: string[] = [];
  let replayed = 0;
  const results = Worker.runReplayHistories({ workflowBundle: testWorkflowBundle() }, histories);
  for await (const { workflowId, error } of results) {
    replayed += 1;
    if (error !== undefined) failures.push(`${workflowId}: ${error.message}`);
  }
  expect(failures).toEqual([]);
  expect(replayed).toBe(recorded.length);
});

it('a history that the workflow would not have written is found out', async () => {
  const history = historyOf('running');
  for (const event of history.events) {
    const scheduled = event['activityTaskScheduledEventAttributes'];
    if (scheduled) (scheduled as { activityType: { name: string } }).activityType.name = 'other';
  }
  const workflowId = idOf('running');
  const results = Worker.runReplayHistories({ workflowBundle: testWorkflowBundle() }, [
    { workflowId, history },
  ]);
  for await (const { error } of results) expect(error?.message).toMatch(/nondeterminism/i);
  expect.assertions(1);
});

/** The id decides whether a workflow is *the* restart, so the replay must have the recorded one. */
function idOf(name: string): string {
  const started = historyOf(name).events[0]!['workflowExecutionStartedEventAttributes'];
  return (started as { workflowId: string }).workflowId;
}

function endIn(event: RecordedEvent): string {
  const failed = event['workflowExecutionFailedEventAttributes'] as
    | { failure: { applicationFailureInfo: { type: string } } }
    | undefined;
  if (failed) return failed.failure.applicationFailureInfo.type;
  const completed = event['workflowExecutionCompletedEventAttributes'] as
    | { result: { payloads: { data: string }[] } }
    | undefined;
  if (!completed) return event.eventType;
  const data = Buffer.from(completed.result.payloads[0]!.data, 'base64').toString('utf8');
  return (JSON.parse(data) as { outcome: string }).outcome;
}

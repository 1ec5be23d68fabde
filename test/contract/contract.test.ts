import { createActivities, type ActivityParts } from '../../src/activities/index.js';
import * as client from '../../src/client/index.js';
import { FAILURES } from '../../src/domain/failures.js';
import { OUTCOMES } from '../../src/domain/outcome.js';
import {
  parseRestartInput as parseRestartRequest,
  RESTART_KEYS,
} from '../../src/domain/parse-options.js';
import { restartId } from '../../src/domain/ids.js';
import { DEFAULT_TASK_QUEUE, SEARCH_ATTRIBUTES } from '../../src/names.js';
import * as workflows from '../../src/workflows/index.js';
import * as messages from '../../src/workflows/messages.js';
import { namesIn } from './names-in.js';

/*
 * What other people's programs, schedules, dashboards and histories rely on. A failure here is a
 * change for them: add to these lists, but take nothing away and rename nothing.
 */

test('the workflow types, and one that answers for all others', () => {
  expect(Object.keys(workflows).toSorted()).toEqual([
    'default',
    'restartVisualizationJob',
    'restartVisualizationJobs',
  ]);
});

test('the queries, updates and signals', () => {
  const names = Object.values(messages).map(({ type, name }) => `${type} ${name}`);
  expect(names.toSorted()).toEqual([
    'query progress',
    'signal checkNow',
    'signal restartJoined',
    'update accepted',
    'update extendDeadline',
  ]);
});

test('the activities, which histories name', () => {
  const parts = { modelarts: {}, feed: {}, temporal: {}, facts: {}, stopping: {} };
  expect(Object.keys(createActivities(parts as unknown as ActivityParts)).toSorted()).toEqual([
    'describeWorker',
    'followRestart',
    'lookAtJob',
    'requestRestart',
    'requestStop',
    'selectJobs',
    'updateRestart',
    'waitForStatusChange',
  ]);
});

test('the failure types', () => {
  expect(Object.keys(FAILURES).toSorted()).toEqual([
    'InvalidInput',
    'JobStopped',
    'LookFailed',
    'RestartCanceled',
    'RestartFailed',
    'RestartHadNoEffect',
    'RestartTimedOut',
    'RestartUnknown',
    'SomeRestartsFailed',
    'UnknownWorkflowType',
    'WorkerStopping',
  ]);
});

test('the outcomes', () => {
  expect([...OUTCOMES].toSorted()).toEqual([
    'canceled',
    'failed',
    'finished',
    'no-effect',
    'refused',
    'running',
    'stopped',
    'timed-out',
    'unknown',
  ]);
});

test('the keys of the input', () => {
  expect([...RESTART_KEYS].toSorted()).toEqual([
    'ifRunning',
    'ifUnknown',
    'jobId',
    'onCancel',
    'pollInterval',
    'projectId',
    'reason',
    'requestedBy',
    'settleTime',
    'timeout',
    'until',
  ]);
});

test('the defaults of the input', () => {
  expect(parseRestartRequest({ jobId: '10' })).toStrictEqual({
    ok: true,
    value: {
      jobId: '10',
      until: 'running',
      ifRunning: 'fail',
      onCancel: 'leave',
      timeoutMs: 30 * 60_000,
      pollIntervalMs: 5_000,
      settleTimeMs: 60_000,
      ifUnknown: 'fail',
    },
  });
});

test('the workflow id of the restart of a job', () => {
  expect(restartId('p', '10')).toBe('restart:p:10');
});

test('the task queue', () => {
  expect(DEFAULT_TASK_QUEUE).toBe('modelarts-restarts');
});

test('the search attributes', () => {
  const names = ['ModelArtsBatch', 'ModelArtsErrorCode', 'ModelArtsJobId', 'ModelArtsOutcome'];
  expect([...SEARCH_ATTRIBUTES].toSorted()).toEqual(names);
  // Those that the workflow writes are keys of its own.
  expect(namesIn('src/workflows', /\bModelArts[A-Z]\w+/g)).toEqual(expect.arrayContaining(names));
});

test('what the package’s client exports', () => {
  expect(Object.keys(client).toSorted()).toEqual([
    'DEFAULT_NEXUS_ENDPOINT',
    'DEFAULT_TASK_QUEUE',
    'InvalidInputError',
    'NoWorkerError',
    'NotAcceptedYetError',
    'RestartError',
    'RestartNotFoundError',
    'RestartScheduleNotFoundError',
    'TemporalRefusedError',
    'TemporalUnreachableError',
    'batchId',
    'cancelBatch',
    'cancelRestart',
    'createBatchSchedule',
    'createNexusEndpoint',
    'createRestartSchedule',
    'deleteRestartSchedule',
    'describeBatch',
    'describeRestart',
    'describeRestartSchedule',
    'findBatch',
    'followBatch',
    'followRestart',
    'listBatches',
    'listRestartSchedules',
    'listRestarts',
    'nexusEndpoint',
    'openRestart',
    'pauseRestartSchedule',
    'registerSearchAttributes',
    'restartId',
    'restartsUnderWay',
    'resumeRestartSchedule',
    'searchAttributeState',
    'seenWorkers',
    'startBatch',
    'startRestart',
    'triggerRestartSchedule',
  ]);
});

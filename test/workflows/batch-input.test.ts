import { randomUUID } from 'node:crypto';
import { restartId } from '../../src/domain/ids.js';
import { eventually, openStage, type Stage } from '../setup/stage.js';
import { acceptedOf, addJobs, endOfBatch, startBatch } from './batches.js';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe('bad input', () => {
  it.concurrent('fails with all problems in one message, and nothing is sent', async () => {
    const input = { jobIds: ['0'], select: {}, maxConcurrent: 0, timout: '1m' };
    const end = await endOfBatch(await startBatch(stage, input));
    expect(end).toMatchObject({ status: 'failed', type: 'InvalidInput', stack: '' });
    const { message } = end as { message: string };
    for (const part of ['did you mean "timeout"?', 'not both', 'maxConcurrent', '1 of 1 are not']) {
      expect(message).toContain(part);
    }
    expect(end).not.toHaveProperty('outcome');
  });

  it.concurrent('a second argument is none that a caller can give', async () => {
    const second = { plan: {}, record: { jobIds: ['10'] } };
    const handle = await stage.startWith(
      [{ jobIds: ['10'] }, second],
      undefined,
      'restartVisualizationJobs',
    );
    expect(await endOfBatch(handle)).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining('give one argument'),
    });
  });

  it.concurrent('nor by a cron schedule, whose later runs continue earlier ones', async () => {
    const [jobId] = addJobs(stage, 1_231, 1) as [string];
    const { projectId, taskQueue, client } = stage;
    const plan = { projectId, each: {}, maxConcurrent: 5_000, searchAttributes: [] };
    const record = { jobIds: [jobId], sent: 0, outcomes: '.', codes: {}, failures: [] };
    const workflowId = `restarts-test:${randomUUID()}`;
    await client.workflow.start('restartVisualizationJobs', {
      taskQueue,
      workflowId,
      cronSchedule: '@every 1s',
      args: [{ jobIds: [jobId] }, { plan, record, startedAtMs: 0, started: {} }],
    });
    const newest = client.workflow.getHandle(workflowId);
    const query = `WorkflowId = '${workflowId}' AND ExecutionStatus != 'Running'`;
    const ended = await eventually(async () => {
      const { count } = await client.workflow.count(query);
      return count >= 2 ? count : undefined;
    });
    await newest.terminate();
    expect(ended).toBeGreaterThan(1);
    expect(acceptedOf(stage, [jobId])).toEqual([0]);
  });

  it.concurrent(
    'under the id of a job’s own restart it would wait for itself, so it fails',
    async () => {
      const handle = await startBatch(
        stage,
        { jobIds: ['1221'] },
        restartId(stage.projectId, '1221'),
      );
      expect(await endOfBatch(handle)).toMatchObject({
        type: 'InvalidInput',
        message: expect.stringContaining('start the batch under another id'),
      });
    },
  );

  it.concurrent('a mistyped type is told the known ones', async () => {
    const handle = await stage.startWith([{}], undefined, 'restartVisualisationJobs');
    expect(await endOfBatch(handle)).toMatchObject({
      message: expect.stringContaining('Did you mean restartVisualizationJobs?'),
    });
  });
});

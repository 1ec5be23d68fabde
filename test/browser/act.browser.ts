import { onStage } from './stage.js';

const claim = onStage();

/** A job that starts when it is told to, and stays there. */
const STARTING = [{ afterMs: 0, status: 7 }];

claim(
  'Request Cancellation ends the restart as canceled and leaves the job as it is',
  async ({ ui, simulator, client, taskQueue, idOf, keep }) => {
    simulator.addJob({ jobId: '921', status: 12, timelines: { restart: STARTING } });
    await client.workflow.start('restartVisualizationJob', {
      workflowId: idOf('921'),
      taskQueue,
      args: [{ jobId: '921', pollInterval: '1s' }],
    });
    await ui.open(idOf('921'));
    await ui.detailsWith('KILLED → WAITING');
    await ui.cancel();
    await ui.showsStatus('CANCELED');
    await ui.showsTexts('search-attributes', ['"ModelArtsOutcome": "canceled"']);
    expect(await ui.detailsWith('canceled')).toContain('ended as canceled');
    await keep('canceled');
    expect(simulator.job('921').status).toBe(7);
    expect(simulator.requests({ jobId: '921', operation: 'stop' })).toEqual([]);
  },
);

claim(
  'checkNow, sent from the menu, makes it look at once although the next look is minutes off',
  async ({ ui, simulator, client, taskQueue, idOf, keep }) => {
    simulator.addJob({ jobId: '922', status: 12, timelines: { restart: STARTING } });
    const handle = await client.workflow.start('restartVisualizationJob', {
      workflowId: idOf('922'),
      taskQueue,
      args: [{ jobId: '922', pollInterval: '10m' }],
    });
    const looks = () => simulator.requests({ jobId: '922', operation: 'detail' }).length;
    await ui.open(idOf('922'));
    await ui.detailsWith('restart accepted');
    simulator.setStatus('922', 8);
    const before = looks();
    await ui.signal('checkNow');
    await ui.showsStatus('COMPLETED');
    expect(looks()).toBeGreaterThan(before);
    await ui.showsTexts('history', ['Workflow Execution Signaled', 'checkNow']);
    await keep('check-now');
    expect(await handle.result()).toMatchObject({ outcome: 'running' });
  },
);

claim(
  'extendDeadline, sent from the menu, moves the deadline',
  async ({ ui, simulator, client, taskQueue, idOf, keep }) => {
    simulator.addJob({ jobId: '923', status: 12, timelines: { restart: STARTING } });
    const handle = await client.workflow.start('restartVisualizationJob', {
      workflowId: idOf('923'),
      taskQueue,
      args: [{ jobId: '923', pollInterval: '1s', timeout: '7d' }],
    });
    await ui.open(idOf('923'));
    await ui.detailsWith('restart accepted');
    await ui.update('extendDeadline', '{"timeout": "3s"}');
    await ui.showsStatus('FAILED');
    expect(await ui.resultWith('RestartTimedOut')).toContain('"type": "RestartTimedOut"');
    await ui.showsTexts('history', ['Workflow Execution Update Accepted', 'extendDeadline']);
    await keep('extend-deadline');
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'RestartTimedOut' } });
  },
);

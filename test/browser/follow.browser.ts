import { onStage } from './stage.js';

const claim = onStage();

claim(
  'a restart under way shows where it is: current details, summaries, pending activity',
  async ({ ui, simulator, client, taskQueue, idOf, keep }) => {
    const restart = [{ afterMs: 0, status: 1 }];
    simulator.addJob({ jobId: '911', status: 12, timelines: { restart } });
    await client.workflow.start('restartVisualizationJob', {
      workflowId: idOf('911'),
      taskQueue,
      args: [{ jobId: '911', pollInterval: '1s' }],
    });
    await ui.open(idOf('911'));
    await ui.detailsWith('KILLED → INIT');
    simulator.setStatus('911', 7);
    const details = await ui.detailsWith('INIT → WAITING');
    expect(details).toMatch(/Job 911.*WAITING/);
    expect(details).toContain('restart accepted');
    await keep('current-details');

    await ui.showsTexts('timeline', [
      'look at job 911',
      'ask ModelArts to restart job 911',
      'Attempt 1 / ∞ • waitForStatusChange • job 911 is WAITING: wait for a change',
    ]);
    await ui.showsStatus('RUNNING');
    await keep('running');
    await ui.showsTexts('pending-activities', ['waitForStatusChange', 'STARTED']);
    await keep('pending-activity');

    simulator.setStatus('911', 8);
    await ui.showsStatus('COMPLETED');
    expect(await ui.detailsWith('WAITING → RUNNING')).toContain('ended as running');
    await keep('current-details-at-the-end');
    await ui.showsTexts('search-attributes', ['"ModelArtsOutcome": "running"']);
  },
);

claim(
  'a refusal shows ModelArts’ code first, what it means and what to do, and no stack trace',
  async ({ ui, simulator, client, taskQueue, idOf, keep }) => {
    simulator.addJob({ jobId: '912', status: 8 });
    await client.workflow.start('restartVisualizationJob', {
      workflowId: idOf('912'),
      taskQueue,
      args: ['912'],
    });
    await ui.open(idOf('912'));
    await ui.showsStatus('FAILED');
    const result = await ui.resultWith('"message": "ModelArts.0105: ');
    expect(result).toContain('job status: 8');
    expect(result).toContain('The job is RUNNING: it needs no restart.');
    expect(result).toContain('"type": "ModelArts.0105"');
    expect(result).not.toContain('stackTrace');
    await keep('refused');
  },
);

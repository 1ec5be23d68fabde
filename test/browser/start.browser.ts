import { onStage } from './stage.js';

const claim = onStage();

claim(
  '{"jobId": "…"} typed into the start form restarts the job and shows the outcome',
  async ({ ui, simulator, taskQueue, idOf, keep }) => {
    simulator.addJob({ jobId: '901', status: 12 });
    await ui.start({ workflowId: idOf('901'), taskQueue, input: '{"jobId": "901"}' });
    await ui.showsStatus('COMPLETED');
    const result = await ui.resultWith('"jobId": "901"');
    expect(result).toContain('"name": "RUNNING"');
    expect(simulator.acceptedRestarts('901')).toBe(1);
    await keep('completed');
  },
);

claim(
  'a bare job id under any workflow id does the same, and the page leads to the restart',
  async ({ ui, simulator, taskQueue, idOf, keep }) => {
    simulator.addJob({ jobId: '902', status: 10 });
    await ui.start({ workflowId: 'by-hand-902', taskQueue, input: '902' });
    await ui.showsTexts('timeline', ['restart job 902']);
    await ui.showsTexts('relationships', [idOf('902')]);
    await keep('started-under-another-id');
    await ui.showsStatus('COMPLETED');
    expect(await ui.resultWith('"jobId": "902"')).toContain('"name": "RUNNING"');
    expect(simulator.acceptedRestarts('902')).toBe(1);
  },
);

claim(
  'mistakes in the JSON keys fail it at once, and the page names each with the key that was meant',
  async ({ ui, simulator, taskQueue, keep }) => {
    simulator.addJob({ jobId: '903', status: 12 });
    const input = '{"jobID": "903", "onCancle": "stop"}';
    await ui.start({ workflowId: 'by-hand-903', taskQueue, input });
    await ui.showsStatus('FAILED');
    const result = await ui.resultWith('"message": "InvalidInput: ');
    expect(result).toContain(String.raw`unknown key \"jobID\": did you mean \"jobId\"?`);
    expect(result).toContain(String.raw`unknown key \"onCancle\": did you mean \"onCancel\"?`);
    expect(result).toContain('"type": "InvalidInput"');
    expect(simulator.requests({ jobId: '903' })).toEqual([]);
    await keep('mistaken-keys');
  },
);

claim(
  'a mistyped workflow type fails at once, and the page names the one that was meant',
  async ({ ui, simulator, taskQueue, keep }) => {
    simulator.addJob({ jobId: '904', status: 12 });
    await ui.start({
      workflowId: 'by-hand-904',
      taskQueue,
      workflowType: 'restartVisualisationJob',
      input: '"904"',
    });
    await ui.showsStatus('FAILED');
    const result = await ui.resultWith(
      '"message": "UnknownWorkflowType: restartVisualisationJob; ',
    );
    expect(result).toContain('Did you mean restartVisualizationJob?');
    expect(simulator.requests({ jobId: '904' })).toEqual([]);
    await keep('mistyped-workflow-type');
  },
);

claim(
  'the restart of a job can’t be started beside the one under way; under another id it joins that',
  async ({ ui, simulator, client, taskQueue, idOf, keep }) => {
    const restart = [{ afterMs: 0, status: 7 }];
    simulator.addJob({ jobId: '905', status: 12, timelines: { restart } });
    const workflowId = idOf('905');
    const args = [{ jobId: '905', pollInterval: '1s' }];
    const handle = await client.workflow.start('restartVisualizationJob', {
      ...{ workflowId, taskQueue, args },
    });
    await ui.submit({ workflowId, taskQueue, input: '905' });
    await ui.says('Workflow execution is already running.');
    await ui.start({ workflowId: 'by-hand-905', taskQueue, input: '905' });
    await ui.detailsWith('joined it');
    await keep('joined');
    simulator.setStatus('905', 8);
    await ui.showsStatus('COMPLETED');
    expect(await ui.resultWith('"attached": true')).toContain('"name": "RUNNING"');
    expect(await handle.result()).toMatchObject({ outcome: 'running', attached: false });
    expect(simulator.requests({ jobId: '905', operation: 'restart' })).toHaveLength(1);
  },
);

claim(
  'on a mistyped task queue nothing happens, and the page says that nobody listens there',
  async ({ ui, client, keep }) => {
    const workflowId = 'by-hand-906';
    await ui.start({ workflowId, taskQueue: 'modelarts-restart', input: '906' });
    await ui.says('There are no workers polling the modelarts-restart task queue.');
    await keep('mistyped-task-queue');
    await client.workflow.getHandle(workflowId).terminate();
  },
);

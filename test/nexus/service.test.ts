import { modelartsRestarts } from '../../src/nexus/service.js';

test('the names that callers are wired to', () => {
  const { name, operations } = modelartsRestarts;
  expect(name).toBe('modelarts-restarts');
  expect(Object.values(operations).map((operation) => operation.name)).toEqual([
    'restartVisualizationJob',
    'restartVisualizationJobs',
  ]);
});

import { projectInId, restartId } from '../../src/domain/restart-id.js';

const PROJECT = 'ab0123456789cdef0123456789abcdef';

test('the id names project and job, without a slash', () => {
  expect(restartId(PROJECT, '10')).toBe(`restart:${PROJECT}:10`);
});

test('the project is read back from the id of the restart', () => {
  expect(projectInId(`restart:${PROJECT}:10`, '10')).toBe(PROJECT);
});

test.each([
  ['the id of another job', `restart:${PROJECT}:11`],
  ['an id that the job id begins', `restart:${PROJECT}:1`],
  ['an id that goes on', `restart:${PROJECT}:10:more`],
  ['what a schedule made of it', `restart:${PROJECT}:10-2026-01-01T03:00:00Z`],
  ['another prefix', `stop:${PROJECT}:10`],
  ['a project of 31 characters', `restart:${PROJECT.slice(1)}:10`],
  ['a project in capitals', `restart:${PROJECT.toUpperCase()}:10`],
  ['no project', 'restart::10'],
  ['a random id', '6f9c1c1e-6a0a-4b57-9d3c-000000000000'],
  ['nothing', ''],
])('%s is not the id of the restart of job 10', (_what, workflowId) => {
  expect(projectInId(workflowId, '10')).toBeUndefined();
});

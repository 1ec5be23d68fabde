import { jobInId, restartId } from '../../src/domain/ids.js';

const PROJECT = 'ab0123456789cdef0123456789abcdef';

test('the id names project and job, without a slash', () => {
  expect(restartId(PROJECT, '10')).toBe(`restart:${PROJECT}:10`);
});

test('project and job are read back from the id of the restart', () => {
  expect(jobInId(`restart:${PROJECT}:10`)).toEqual({ projectId: PROJECT, jobId: '10' });
});

test.each([
  ['a job id with a leading zero', `restart:${PROJECT}:010`],
  ['no job', `restart:${PROJECT}:`],
  ['an id that goes on', `restart:${PROJECT}:10:more`],
  ['what a schedule made of it', `restart:${PROJECT}:10-2026-01-01T03:00:00Z`],
  ['another prefix', `stop:${PROJECT}:10`],
  ['a project of 31 characters', `restart:${PROJECT.slice(1)}:10`],
  ['a project in capitals', `restart:${PROJECT.toUpperCase()}:10`],
  ['no project', 'restart::10'],
  ['a random id', '6f9c1c1e-6a0a-4b57-9d3c-000000000000'],
  ['nothing', ''],
])('%s is not the id of the restart of a job', (_what, workflowId) => {
  expect(jobInId(workflowId)).toBeUndefined();
});

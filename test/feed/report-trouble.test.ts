import type { ReadAnswer, Reading } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import type { ListPage } from '../../src/modelarts/job-body.js';
import { reportTrouble, type Trouble } from '../../src/modelarts/report-trouble.js';

const GOOD: ReadAnswer<Reading> = { kind: 'read', value: { status: statusOf(7), lookedAt: 0 } };
const BAD: ReadAnswer<Reading> = { kind: 'again', error: { message: 'no answer' } };

const asPage = (answer: ReadAnswer<Reading>): ReadAnswer<ListPage> =>
  answer.kind === 'read'
    ? { kind: 'read', value: { jobs: [], total: 0, received: 0, skipped: 0 } }
    : answer;

async function told(answers: ReadAnswer<Reading>[], projects = ['p']): Promise<Trouble[]> {
  const reports: Trouble[] = [];
  const left = [...answers];
  const list = () => Promise.resolve<ReadAnswer<ListPage>>(asPage(left.shift()!));
  const looks = reportTrouble(
    { detail: () => Promise.resolve(left.shift()!), list, pauseOf: () => undefined },
    (trouble) => reports.push(trouble),
  );
  for (const [index, answer] of answers.entries()) {
    const projectId = projects[index % projects.length]!;
    // Looks of both kinds count together.
    if (index % 2 === 0) expect(await looks.detail({ projectId, jobId: '1' })).toBe(answer);
    else expect((await looks.list(projectId, { page: 1 })).kind).toBe(answer.kind);
  }
  return reports;
}

it('says nothing of one or two failures in a row', async () => {
  expect(await told([BAD, BAD, GOOD, BAD, BAD, GOOD])).toEqual([]);
});

it('tells an outage once when it begins and once when it is over', async () => {
  expect(await told([BAD, BAD, BAD, BAD, BAD, GOOD, GOOD])).toEqual([
    { kind: 'failing', projectId: 'p', error: { message: 'no answer' } },
    { kind: 'recovered', projectId: 'p', failures: 5 },
  ]);
});

it('takes a refusal for an answer', async () => {
  const refused: ReadAnswer<Reading> = { kind: 'refused', error: { message: 'gone' } };
  expect(await told([BAD, BAD, refused, BAD, BAD])).toEqual([]);
});

it('counts each project for itself', async () => {
  expect(await told([BAD, GOOD, BAD, GOOD, BAD, GOOD], ['p', 'q'])).toEqual([
    { kind: 'failing', projectId: 'p', error: { message: 'no answer' } },
  ]);
});

import type { ReadAnswer, Reading } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import { reportTrouble, type Trouble } from '../../src/modelarts/report-trouble.js';

const GOOD: ReadAnswer<Reading> = { kind: 'read', value: { status: statusOf(7), lookedAt: 0 } };
const BAD: ReadAnswer<Reading> = { kind: 'again', error: { message: 'no answer' } };

async function told(answers: ReadAnswer<Reading>[], projects = ['p']): Promise<Trouble[]> {
  const reports: Trouble[] = [];
  const left = [...answers];
  const look = reportTrouble(
    () => Promise.resolve(left.shift()!),
    (trouble) => reports.push(trouble),
  );
  for (const [index, answer] of answers.entries()) {
    const projectId = projects[index % projects.length]!;
    expect(await look({ projectId, jobId: '1' })).toBe(answer);
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

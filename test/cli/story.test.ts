import { restartLines } from '../../src/cli/status.js';
import { ending, now, Story } from '../../src/cli/story.js';
import type { RestartProgress, ServiceError } from '../../src/client/index.js';

const plain = (_: unknown, text: string): string => text;
const startedAt = new Date(Date.now() - 5_000).toISOString();

const progress = (more: Partial<RestartProgress> = {}): RestartProgress => ({
  phase: 'checking',
  projectId: 'p',
  jobId: '10',
  until: 'running',
  attached: false,
  transitions: [],
  startedAt,
  ...more,
});

const REFUSED: ServiceError = { message: 'connection refused (ECONNREFUSED) at 127.0.0.1:9' };
const BUSY: ServiceError = { code: 'APIGW.0308', message: 'Too many requests.', httpStatus: 429 };

/** What is told of each progress in turn. */
function told(...all: RestartProgress[]): string[][] {
  const story = new Story(plain);
  return all.map((one) => story.tell(one));
}

it('tells of an outage once, as long as it is the same one, and when it is over', () => {
  const before = { code: 12, name: 'KILLED' };
  expect(
    told(
      progress(),
      progress({ error: REFUSED }),
      progress({ error: { ...REFUSED } }),
      progress({ error: BUSY }),
      progress({ before, last: before }),
      progress({ before, last: before }),
    ),
  ).toEqual([
    [],
    [
      '          ModelArts does not answer: connection refused (ECONNREFUSED) at 127.0.0.1:9; looking goes on',
    ],
    [],
    ['          ModelArts answers with APIGW.0308: Too many requests; looking goes on'],
    ['          ModelArts answers again', '   +0.0s  KILLED'],
    [],
  ]);
});

it('tells of an outage during the wait, and of a second one like the first', () => {
  const at = { phase: 'waiting', last: { code: 7, name: 'WAITING' } } as const;
  const lines = told(
    progress({ ...at, error: REFUSED }),
    progress(at),
    progress({ ...at, error: REFUSED }),
  ).map(([line]) => line);
  expect(lines[0]).toContain('does not answer');
  expect(lines[1]).toContain('answers again');
  expect(lines[2]).toBe(lines[0]);
});

it('leaves the error that a restart ended with to its last line', () => {
  const end = { outcome: 'timed-out', endedAt: new Date().toISOString() } as const;
  const done = progress({ phase: 'done', error: REFUSED, ...end });
  expect(told(progress({ error: REFUSED }), done)[1]).toEqual([]);
  expect(told(done)).toEqual([[]]);
  expect(ending({ ...done, ...end }, plain)).toContain('127.0.0.1:9');
});

it('shows an outage in the line that is overwritten, in every phase, while it lasts', () => {
  const last = { code: 7, name: 'WAITING' };
  const what = 'ModelArts does not answer: connection refused (ECONNREFUSED) at 127.0.0.1:9';
  expect(now(progress({ error: REFUSED }))).toBe(`looking at the job · ${what} · 5s in all`);
  const waiting = now(progress({ phase: 'waiting', last, error: REFUSED }));
  expect(waiting).toBe(`WAITING for 5s · ${what} · 5s in all`);
  expect(now(progress({ phase: 'waiting', last }))).toBe('WAITING for 5s · 5s in all');
});

it('status shows an outage too', () => {
  const facts = {
    workflowId: 'restart:p:10',
    runId: 'r',
    taskQueue: 'q',
    running: true,
    startedAt,
  };
  const lines = restartLines({ ...facts, progress: progress({ error: REFUSED }) }).join('\n');
  expect(lines).toContain('ModelArts does not answer: connection refused');
  expect(lines).toContain('looking goes on');
  expect(restartLines({ ...facts, progress: progress() }).join('\n')).not.toContain('ModelArts');
});

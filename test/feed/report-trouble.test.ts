import type { ReadAnswer, Reading } from '../../src/domain/answer.js';
import { statusOf } from '../../src/domain/status.js';
import type { ModelArtsClient } from '../../src/modelarts/client.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { reportTrouble, type Trouble } from '../../src/modelarts/report-trouble.js';
import {
  clientOf,
  closeAll,
  JOB,
  onClose,
  PROJECT,
  scripted,
} from '../modelarts/scripted-client.js';
import { reply, type ScriptedServer } from '../modelarts/scripted-server.js';

afterEach(closeAll);

const GOOD: ReadAnswer<Reading> = { kind: 'read', value: { status: statusOf(7), lookedAt: 0 } };
const BAD: ReadAnswer<Reading> = { kind: 'again', error: { message: 'no answer' } };

function told(answers: ReadAnswer<Reading>[], projects = ['p']): Trouble[] {
  const reports: Trouble[] = [];
  const count = reportTrouble('host', (trouble) => reports.push(trouble));
  for (const [index, answer] of answers.entries()) {
    count(projects[index % projects.length]!, answer);
  }
  return reports;
}

it('says nothing of one or two failures in a row', () => {
  expect(told([BAD, BAD, GOOD, BAD, BAD, GOOD])).toEqual([]);
});

it('tells an outage once when it begins and once when it is over', () => {
  expect(told([BAD, BAD, BAD, BAD, BAD, GOOD, GOOD])).toEqual([
    { kind: 'failing', host: 'host', projectId: 'p', error: { message: 'no answer' } },
    { kind: 'recovered', host: 'host', projectId: 'p', failures: 5 },
  ]);
});

it('takes a refusal for an answer', () => {
  const refused: ReadAnswer<Reading> = { kind: 'refused', error: { message: 'gone' } };
  expect(told([BAD, BAD, refused, BAD, BAD])).toEqual([]);
});

it('counts each project for itself', () => {
  expect(told([BAD, GOOD, BAD, GOOD, BAD, GOOD], ['p', 'q'])).toEqual([
    { kind: 'failing', host: 'host', projectId: 'p', error: { message: 'no answer' } },
  ]);
});

describe('a client', () => {
  const PAGE = { is_success: true, jobs: [], job_total_count: 0, job_id: 197, status: 8 };

  let isDown = true;
  beforeEach(() => {
    isDown = true;
  });

  async function watched(): Promise<{
    server: ScriptedServer;
    client: ModelArtsClient;
    reports: Trouble[];
  }> {
    const reports: Trouble[] = [];
    const { server } = await scripted((...call) =>
      (isDown ? reply(502, '') : reply(200, PAGE))(...call),
    );
    const client = clientOf(server.endpoint, { onTrouble: (trouble) => reports.push(trouble) });
    return { server, client, reports };
  }

  it('counts looks of both kinds, without any feed, and names the host', async () => {
    const { server, client, reports } = await watched();
    await client.detail(JOB);
    await client.list(PROJECT, { page: 1 });
    expect(reports).toEqual([]);
    await client.detail(JOB);
    const { host } = new URL(server.endpoint);
    const error = { message: expect.stringContaining('502') as unknown, httpStatus: 502 };
    expect(reports).toEqual([{ kind: 'failing', host, projectId: PROJECT, error }]);
    isDown = false;
    await client.detail(JOB);
    expect(reports[1]).toEqual({ kind: 'recovered', host, projectId: PROJECT, failures: 3 });
    expect(server.seen).toHaveLength(4);
  });

  it('counts the looks of a feed with those of others', async () => {
    const { server, client, reports } = await watched();
    await client.detail(JOB);
    await client.detail(JOB);
    const feed = new StatusFeed(client);
    onClose(() => Promise.resolve(feed.close()));
    const looked = new Promise<void>((onLook) => {
      feed.subscribe({
        job: JOB,
        key: 'run',
        pollIntervalMs: 5_000,
        lookAtOnce: true,
        lookAt: [],
        onLook: () => onLook(),
        onEnd: () => undefined,
      });
    });
    await looked;
    expect(reports).toMatchObject([{ kind: 'failing' }]);
    expect(server.seen).toHaveLength(3);
  });

  it('does not count looks that are held back, nor requests', async () => {
    const { server } = await scripted(reply(429, ''));
    const reports: Trouble[] = [];
    const client = clientOf(server.endpoint, { onTrouble: (trouble) => reports.push(trouble) });
    for (let looks = 0; looks < 5; looks += 1) await client.detail(JOB);
    for (let requests = 0; requests < 5; requests += 1) await client.restart(JOB);
    expect(server.seen).toHaveLength(1);
    expect(reports).toEqual([]);
  });
});

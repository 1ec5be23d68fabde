import { inspect } from 'node:util';
import { createModelArtsClient } from '../../src/modelarts/client.js';
import { sign } from '../../src/modelarts/credentials.js';
import { AK_SK, closeAll, JOB, PROJECT, scripted, TOKEN } from './scripted-client.js';
import { reply, type Seen } from './scripted-server.js';

afterEach(closeAll);

const RUNNING = {
  is_success: true,
  job_id: 197,
  status: 8,
  service_url: 'https://board.example/197/',
};

function authorizationFor(seen: Seen, endpoint: string): string {
  const names = ['host', 'x-project-id', 'x-sdk-date', 'x-security-token'];
  const headers = Object.fromEntries(names.map((name) => [name, String(seen.headers[name])]));
  return sign({ method: seen.method, url: new URL(seen.url, endpoint), headers }, AK_SK)
    .authorization;
}

describe('what goes out', () => {
  test('a restart is a POST without a body, signed over host, date, project and security token', async () => {
    const { server, client } = await scripted(reply(200, { is_success: true }));
    expect(await client.restart(JOB)).toEqual({ kind: 'accepted' });
    const [seen] = server.seen;
    expect(seen).toMatchObject({
      method: 'POST',
      url: `/v1/${PROJECT}/visualization-jobs/197/restart`,
      body: '',
    });
    expect(seen?.headers).toMatchObject({
      'content-length': '0',
      'content-type': 'application/json',
      'x-project-id': PROJECT,
      authorization: authorizationFor(seen as Seen, server.endpoint),
    });
    expect(seen?.headers).not.toHaveProperty('transfer-encoding');
    expect(seen?.headers).not.toHaveProperty('x-auth-token');
  });

  test('a look is a GET without Content-Length', async () => {
    const { server, client } = await scripted(reply(200, RUNNING));
    await client.detail(JOB);
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: 'GET', url: `/v1/${PROJECT}/visualization-jobs/197` });
    expect(seen?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(seen?.headers).not.toHaveProperty('content-length');
    expect(seen?.headers.authorization).toBe(authorizationFor(seen as Seen, server.endpoint));
  });

  test('a ready token goes out alone, unsigned', async () => {
    const { server, client } = await scripted(reply(200, { is_success: true }), {
      credentials: TOKEN,
    });
    expect(await client.stop(JOB)).toEqual({ kind: 'accepted' });
    expect(server.seen[0]?.url).toBe(`/v1/${PROJECT}/visualization-jobs/197/stop`);
    expect(server.seen[0]?.headers).toMatchObject({ 'x-auth-token': TOKEN.token });
    expect(server.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test('a list asks for a page in a stable order', async () => {
    const { server, client } = await scripted(reply(200, { jobs: [], job_total_count: 0 }));
    await client.list(PROJECT, { page: 2, perPage: 50 });
    expect(server.seen[0]?.url).toBe(
      `/v1/${PROJECT}/visualization-jobs?order=asc&page=2&per_page=50&sortBy=job_id`,
    );
    expect(server.seen[0]?.headers.authorization).toBe(
      authorizationFor(server.seen[0] as Seen, server.endpoint),
    );
  });

  test('an id that would lead to another path never goes out', async () => {
    const { server, client } = await scripted(reply(200, RUNNING));
    await expect(client.detail({ projectId: PROJECT, jobId: '../197' })).rejects.toThrow(TypeError);
    await expect(client.restart({ projectId: '..', jobId: '197' })).rejects.toThrow(TypeError);
    expect(server.seen).toEqual([]);
  });
});

describe('what a client is made with', () => {
  test.each([
    'http://modelarts.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'ftp://localhost',
    'https://user:hunter22@modelarts.example.com',
    'https://modelarts.example.com/?token=hunter22',
    'hunter22',
  ])('%s is no endpoint that credentials are sent to, and is not quoted', (endpoint) => {
    let thrown: unknown;
    try {
      createModelArtsClient({ endpoint, credentials: AK_SK });
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toMatch(/^TypeError: the ModelArts endpoint/);
    expect(inspect(thrown)).not.toContain('hunter22');
  });

  test.each([
    'https://modelarts.example.com',
    'http://localhost:1',
    'http://127.0.0.1:1',
    'http://[::1]:1',
  ])('%s is one', async (endpoint) => {
    await createModelArtsClient({ endpoint, credentials: AK_SK }).close();
  });

  test.each(['line\nbreak-secret', 'ünsendable-secret', ''])(
    'a credential that no header can hold is refused without being quoted: %j',
    (token) => {
      let thrown: unknown;
      try {
        createModelArtsClient({
          endpoint: 'http://127.0.0.1:1',
          credentials: { kind: 'token', token },
        });
      } catch (error) {
        thrown = error;
      }
      expect(String(thrown)).toMatch(/^TypeError: a credential/);
      expect(inspect(thrown)).not.toContain('secret');
    },
  );
});

describe('a look', () => {
  test('tells the status, when it was started and where the job is served', async () => {
    const { client } = await scripted(async (_seen, response) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      response.end(JSON.stringify(RUNNING));
    });
    const before = Date.now();
    const answer = await client.detail(JOB);
    expect(answer).toEqual({
      kind: 'read',
      value: {
        status: { code: 8, name: 'RUNNING' },
        serviceUrl: 'https://board.example/197/',
        lookedAt: expect.any(Number),
      },
    });
    const lookedAt = answer.kind === 'read' ? answer.value.lookedAt : NaN;
    expect(lookedAt).toBeGreaterThanOrEqual(before);
    expect(lookedAt).toBeLessThanOrEqual(Date.now() - 90);
  });
});

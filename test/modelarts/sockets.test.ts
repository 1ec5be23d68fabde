import { closeAll, JOB, scripted } from './scripted-client.js';
import { reply } from './scripted-server.js';

afterEach(closeAll);

const RUNNING = { job_id: 197, status: 8 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('sockets', () => {
  test('200 looks at once share eight, all answered', async () => {
    const { server, client } = await scripted(async (_seen, response) => {
      await pause(5);
      response.end(JSON.stringify(RUNNING));
    });
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.detail(JOB)));
    expect(answers.filter(({ kind }) => kind === 'read').length).toBe(200);
    expect(server.seen.length).toBe(200);
    expect(server.connections).toBeLessThanOrEqual(8);
  });

  test('one look after another opens two at most, also after errors', async () => {
    const { server, client } = await scripted(reply(403, { error_code: 'APIGW.0302' }));
    for (let n = 0; n < 20; n += 1) await client.detail(JOB);
    expect(server.seen.length).toBe(20);
    // The first may not be free again when the second look starts.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('a request has a fresh one, so that no closing socket swallows it', async () => {
    const { server, client } = await scripted(reply(200, { is_success: true }));
    for (let n = 0; n < 3; n += 1) await client.restart(JOB);
    expect(server.seen.map(({ connection }) => connection)).toEqual([1, 2, 3]);
    await pause(50);
    expect(server.openSockets.size).toBe(0);
  });

  test('a request does not queue behind looks that stall', async () => {
    const { client } = await scripted(
      (seen, response) => {
        if (seen.method === 'POST') response.end('{"is_success":true}');
      },
      { requestTimeoutMs: 1_000 },
    );
    const looks = Array.from({ length: 50 }, () => client.detail(JOB));
    await pause(50);
    const before = Date.now();
    expect((await client.restart(JOB)).kind).toBe('accepted');
    expect(Date.now() - before).toBeLessThan(800);
    // The wait for a place counts: all 50 are over at the deadline of one.
    await Promise.all(looks);
    expect(Date.now() - before).toBeLessThan(4_000);
  });

  test('looks that time out free their places', async () => {
    let stall = true;
    const { client } = await scripted(
      (_seen, response) => {
        if (!stall) response.end(JSON.stringify(RUNNING));
      },
      { requestTimeoutMs: 200 },
    );
    await Promise.all(Array.from({ length: 20 }, () => client.detail(JOB)));
    stall = false;
    expect((await client.detail(JOB)).kind).toBe('read');
  });
});

test('closing waits for what is under way', async () => {
  const { client } = await scripted(async (_seen, response) => {
    await pause(200);
    response.end('{"is_success":true}');
  });
  const restarting = client.restart(JOB);
  await client.close();
  expect(await restarting).toEqual({ kind: 'accepted' });
});

test('a closed client sends nothing and says so', async () => {
  const { server, client } = await scripted(reply(200, { is_success: true }));
  await client.close();
  expect(await client.restart(JOB)).toMatchObject({ kind: 'not-sent' });
  expect(await client.detail(JOB)).toMatchObject({ kind: 'again' });
  expect(server.connections).toBe(0);
});

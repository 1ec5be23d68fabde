import { AK_SK, closeAll, expectNoSecrets, scripted, TOKEN, JOB } from './scripted-client.js';

afterEach(closeAll);

const RUNNING = { job_id: 197, status: 8 };

test.each([
  [403, 'error_message'],
  [200, 'error_message'],
  [500, 'error_code'],
  [401, 'message'],
])(
  'a service that echoes the headers under %i in %s gets no credential into an answer',
  async (status, key) => {
    for (const credentials of [AK_SK, TOKEN]) {
      const { server, client } = await scripted(
        (seen, response) => {
          const echoed = Object.values(seen.headers).join(' ');
          response.writeHead(status, {
            'x-request-id': String(
              seen.headers['x-auth-token'] ?? seen.headers['x-security-token'],
            ),
          });
          response.end(
            JSON.stringify({
              [key]: echoed,
              job_id: 197,
              job_name: echoed,
              service_url: `https://x/${encodeURIComponent(echoed)}`,
            }),
          );
        },
        { credentials },
      );
      await expectNoSecrets(client);
      // After two refusals, an access key is not used any more.
      const isKeyRefused = status === 401 && credentials.kind === 'ak-sk';
      expect(server.seen.length).toBe(isKeyRefused ? 2 : 4);
    }
  },
);

test('a good answer that echoes a credential in the address of the job hides it', async () => {
  const { client } = await scripted(
    (seen, response) =>
      response.end(
        JSON.stringify({
          ...RUNNING,
          service_url: `https://x/?t=${String(seen.headers['x-auth-token'])}`,
        }),
      ),
    { credentials: TOKEN },
  );
  expect(await client.detail(JOB)).toMatchObject({
    kind: 'read',
    value: { serviceUrl: 'https://x/?t=***' },
  });
});

import { Metadata } from '../../simulator/metadata.js';

const HOUR = 60 * 60_000;
const TTL = { 'x-metadata-token-ttl-seconds': '60' };

test('gives keys only for a token, which needs its time to live', () => {
  const metadata = new Metadata({ keyLifetimeMs: HOUR });
  expect(metadata.token({}).status).toBe(400);
  expect(metadata.securityKey({}, 0).status).toBe(401);
  const token = metadata.token(TTL).body;
  const { status, body } = metadata.securityKey({ 'x-metadata-token': token }, 0);
  const { credential } = JSON.parse(body) as { credential: Record<string, string> };
  expect([status, credential['expires_at']]).toEqual([200, '1970-01-01T01:00:00.000Z']);
  const key = metadata.keyOf(credential['access'] ?? '', HOUR - 1);
  expect(key).toMatchObject({ secretKey: credential['secret'] });
  expect(metadata.keyOf(credential['access'] ?? '', HOUR)).toBeUndefined();
});

test('of the first version has no tokens, and needs none', () => {
  const metadata = new Metadata({ hasTokens: false });
  expect(metadata.token(TTL).status).toBe(404);
  expect(metadata.securityKey({}, 0).status).toBe(200);
});

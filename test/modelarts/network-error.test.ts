import { networkError } from '../../src/modelarts/network-error.js';

const HOST = 'modelarts.xx-north-1.myhuaweicloud.com';

test.each([
  ['ECONNREFUSED', `connection refused (ECONNREFUSED) at ${HOST}`],
  ['ECONNRESET', `connection reset (ECONNRESET) at ${HOST}`],
  ['UND_ERR_CONNECT_TIMEOUT', `connecting took too long (UND_ERR_CONNECT_TIMEOUT) at ${HOST}`],
  ['ENOTFOUND', `host name unknown (ENOTFOUND): ${HOST}`],
  ['EAI_AGAIN', `host name could not be looked up (EAI_AGAIN): ${HOST}`],
  ['HPE_INVALID_CONSTANT', `answer is not HTTP (HPE_INVALID_CONSTANT) at ${HOST}`],
  ['CERT_HAS_EXPIRED', `no secure connection (CERT_HAS_EXPIRED) at ${HOST}`],
  ['ENEW', `connection failed (ENEW) at ${HOST}`],
  // Our own doing.
  ['UND_ERR_DESTROYED', 'client closed (UND_ERR_DESTROYED)'],
])('%s deep in an error is told as "%s"', (code, message) => {
  const cause = Object.assign(new Error('headers: secret'), { code });
  expect(networkError(new TypeError('fetch failed', { cause }), HOST)).toBe(message);
  expect(networkError(cause, HOST)).toBe(message);
});

test.each([new Error('secret'), 'secret', undefined, { code: 'secret' }, { code: 7 }])(
  '%j is told without its own words',
  (error) => {
    expect(networkError(error, HOST)).toBe(`connection failed at ${HOST}`);
  },
);

import { startSimulator, type Simulator } from '../../simulator/index.js';
import { FAULT_KINDS } from '../../simulator/fault.js';
import { call, callJson, sleep } from './support/client.js';
import { FAULT_CASES, html, whole } from './support/fault-cases.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.clear();
  simulator.addJob({ jobId: '10', status: 12 });
});

test.each(FAULT_CASES)('$fault.kind: $claim', async ({ fault, carriedOut, outcome, seen }) => {
  const handle = simulator.fault({ operation: 'restart', jobId: '10', ...fault });
  const answer = await call(simulator, '/10/restart', { signal: AbortSignal.timeout(400) });
  expect(answer).toMatchObject(seen);
  expect(handle.fired).toBe(1);
  expect(simulator.acceptedRestarts('10')).toBe(carriedOut ? 1 : 0);
  expect(simulator.job('10').status).toBe(carriedOut ? 7 : 12);
  expect(simulator.requests()).toMatchObject([{ outcome, carriedOut, fault: fault.kind }]);
});

test('every kind of fault has a case here', () => {
  const tested = new Set<string>(FAULT_CASES.map(({ fault }) => fault.kind));
  expect(FAULT_KINDS.filter((kind) => !tested.has(kind))).toEqual(['show-status']);
});

test('errors before carrying it out come from the gateway, in its shape', async () => {
  simulator.fault({ operation: 'restart', kind: 'status', status: 503, when: 'before' });
  simulator.fault({ operation: 'restart', kind: 'status', status: 500, when: 'before' });
  const gateway = await call(simulator, '/10/restart');
  expect(JSON.parse(gateway.text)).toEqual({
    error_code: 'APIGW.0613',
    error_msg: expect.any(String),
    request_id: gateway.headers.get('x-request-id'),
  });
  expect(await callJson(simulator, '/10/restart'))['toMatchObject']({
    is_success: false,
    error_code: 'ModelArts.0010',
  });
});

test('the throttling text names the budget, and Retry-After comes only where it is told', async () => {
  simulator.fault({ operation: 'detail', kind: 'throttle' });
  simulator.fault({ operation: 'detail', kind: 'throttle', retryAfter: 7 });
  const plain = await call(simulator, '/10');
  expect(JSON.parse(plain.text)).toMatchObject({
    error_code: 'APIGW.0308',
    error_msg:
      'The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute',
  });
  expect(plain.headers.get('retry-after')).toBeNull();
  expect((await call(simulator, '/10')).headers.get('retry-after')).toBe('7');
});

test('a redirect names its place, HTML its type, raw its headers', async () => {
  simulator.fault({ operation: 'detail', kind: 'redirect', location: 'http://127.0.0.1:1/' });
  simulator.fault({ operation: 'detail', kind: 'html', ...html });
  simulator.fault({
    operation: 'detail',
    kind: 'raw',
    status: 200,
    body: '[]',
    carriedOut: false,
    headers: { 'content-type': 'text/plain' },
  });
  expect((await call(simulator, '/10')).headers.get('location')).toBe('http://127.0.0.1:1/');
  expect((await call(simulator, '/10')).headers.get('content-type')).toContain('text/html');
  expect((await call(simulator, '/10')).headers.get('content-type')).toBe('text/plain');
});

test.each([
  ['before', 0],
  ['after', 1],
] as const)('a delay of `%s` has carried out %i in its middle', async (when, midway) => {
  const handle = simulator.fault({ operation: 'restart', kind: 'delay', ms: 1_500, when });
  const answer = call(simulator, '/10/restart');
  while (handle.fired === 0) await sleep(2);
  await sleep(20);
  expect(simulator.requests()[0]!.outcome).toBe('pending');
  expect(simulator.acceptedRestarts('10')).toBe(midway);
  expect((await answer).text).toBe(whole);
  expect(simulator.acceptedRestarts('10')).toBe(1);
});

test('a client that goes away during a delay does not undo the request', async () => {
  const handle = simulator.fault({ operation: 'restart', kind: 'delay', ms: 500 });
  const gone = new AbortController();
  const answer = call(simulator, '/10/restart', { signal: gone.signal });
  while (handle.fired === 0) await sleep(2);
  gone.abort();
  expect((await answer).failed).toBe(true);
  while (simulator.requests()[0]!.outcome === 'pending') await sleep(2);
  expect(simulator.requests()).toMatchObject([{ outcome: 'aborted', carriedOut: true }]);
});

test('a restart that would be refused is not carried out by a fault that comes after it', async () => {
  simulator.setStatus('10', 8);
  simulator.fault({ operation: 'restart', kind: 'answer-lost' });
  await call(simulator, '/10/restart');
  expect(simulator.requests()).toMatchObject([{ outcome: 'lost', carriedOut: false }]);
});

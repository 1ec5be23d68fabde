import type { Fault, LoggedRequest } from '../../../simulator/index.js';
import type { Seen } from './client.js';

/** A fault on the restart of a job that is down, and what must come of it. */
interface FaultCase {
  claim: string;
  fault: Exclude<Fault, { kind: 'show-status' }>;
  carriedOut: boolean;
  outcome: LoggedRequest['outcome'];
  /** What the client saw. */
  seen: Partial<Seen>;
}

export const html = { status: 502, carriedOut: false, body: '<html>Bad Gateway</html>' } as const;
export const whole = '{"is_success":true}';
const half = '{"is_succ';
const failed: Partial<Seen> = { failed: true };

export const FAULT_CASES: FaultCase[] = [
  {
    claim: 'a lost request is not carried out',
    fault: { kind: 'request-lost' },
    carriedOut: false,
    outcome: 'lost',
    seen: failed,
  },
  {
    claim: 'a lost answer hides a request that was carried out',
    fault: { kind: 'answer-lost' },
    carriedOut: true,
    outcome: 'lost',
    seen: failed,
  },
  {
    claim: 'a delay ends in the good answer',
    fault: { kind: 'delay', ms: 30 },
    carriedOut: true,
    outcome: 200,
    seen: { status: 200, text: whole },
  },
  {
    claim: 'a reset in mid-body comes after the head',
    fault: { kind: 'reset-mid-body' },
    carriedOut: true,
    outcome: 'reset',
    seen: { status: 200, failed: true },
  },
  {
    claim: 'a cut-off body is half of the answer, in whole HTTP',
    fault: { kind: 'cut-off-body' },
    carriedOut: true,
    outcome: 200,
    seen: { status: 200, text: half, failed: false },
  },
  {
    claim: 'an empty body hides a request that was carried out',
    fault: { kind: 'empty-body' },
    carriedOut: true,
    outcome: 200,
    seen: { status: 200, text: '' },
  },
  {
    claim: 'an empty body can stand for nothing done',
    fault: { kind: 'empty-body', status: 502, carriedOut: false },
    carriedOut: false,
    outcome: 502,
    seen: { status: 502, text: '' },
  },
  {
    claim: 'a page of a proxy instead of carrying it out',
    fault: { kind: 'html', ...html },
    carriedOut: false,
    outcome: 502,
    seen: { status: 502, text: html.body },
  },
  {
    claim: 'a page of a proxy under 200 after carrying it out',
    fault: { kind: 'html', ...html, status: 200, carriedOut: true },
    carriedOut: true,
    outcome: 200,
    seen: { status: 200, text: html.body },
  },
  ...[500, 502, 503, 504].flatMap((status) =>
    (['before', 'after'] as const).map((when) => ({
      claim: `${status} ${when} carrying it out`,
      fault: { kind: 'status' as const, status, when },
      carriedOut: when === 'after',
      outcome: status,
      seen: { status },
    })),
  ),
  {
    claim: 'a throttled request is not carried out',
    fault: { kind: 'throttle' },
    carriedOut: false,
    outcome: 429,
    seen: { status: 429 },
  },
  {
    claim: 'a job that is not found is not restarted',
    fault: { kind: 'not-found' },
    carriedOut: false,
    outcome: 404,
    seen: { status: 404 },
  },
  {
    claim: 'a refusal has the shape of ModelArts',
    fault: { kind: 'refuse', status: 403, code: 'ModelArts.0108', message: 'Not authorised.' },
    carriedOut: false,
    outcome: 403,
    seen: {
      status: 403,
      text: '{"is_success":false,"error_code":"ModelArts.0108","error_message":"Not authorised."}',
    },
  },
  {
    claim: 'a redirect points elsewhere and does nothing',
    fault: { kind: 'redirect', location: 'https://example.com/' },
    carriedOut: false,
    outcome: 302,
    seen: { status: 302, text: '' },
  },
  {
    claim: 'a hanging request is never answered',
    fault: { kind: 'hang' },
    carriedOut: false,
    outcome: 'hung',
    seen: failed,
  },
  {
    claim: 'a hanging request may have been carried out',
    fault: { kind: 'hang', carriedOut: true },
    carriedOut: true,
    outcome: 'hung',
    seen: failed,
  },
  {
    claim: 'a body stalls after the head',
    fault: { kind: 'hang-mid-body' },
    carriedOut: true,
    outcome: 'hung',
    seen: { status: 200, failed: true },
  },
  {
    claim: 'anything else is sent verbatim',
    fault: { kind: 'raw', status: 418, body: 'null', carriedOut: true, headers: { 'x-tea': 'no' } },
    carriedOut: true,
    outcome: 418,
    seen: { status: 418, text: 'null' },
  },
];

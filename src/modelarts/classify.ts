/** What an error answer to a read means: for good, or worth another look. */
export type ReadClass = 'refused' | 'again';
/** What an error answer to a restart or a stop means for whether it was carried out. */
export type RequestClass = 'refused' | 'ambiguous' | 'not-sent';

export interface Classes {
  read: ReadClass;
  request: RequestClass;
}

interface Rule extends Classes {
  /** One status, the hundreds, or any. */
  status: number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'any';
  /** Without it, every code of this status that has no rule of its own. */
  codes?: readonly string[];
}

/**
 * The first rule that matches decides, so rules with codes stand first.
 *
 * Keyed on the pair: 24 documented codes occur under several statuses (ModelArts error codes, page
 * modelarts_03_0095; gateway codes: support.huaweicloud.com/devg-apisign/api-sign-errorcode). That
 * a code or a status means "nothing was done yet" is nowhere documented but for throttling and
 * authentication; where in doubt, a request is ambiguous, and a look at the job tells.
 */
const RULES: readonly Rule[] = [
  // A refusal that names the job's status, not in any table; samples show it under 200.
  { status: '2xx', codes: ['ModelArts.0105'], read: 'refused', request: 'refused' },
  { status: '4xx', codes: ['ModelArts.0105'], read: 'refused', request: 'refused' },
  // Codes that are transient under their own status stay so under a 200 with is_success false.
  {
    status: '2xx',
    codes: ['GATEWAY.0308', 'ModelArts.2799', 'ModelArts.4206', 'ModelArts.4395', 'ModelArts.6101'],
    read: 'again',
    request: 'not-sent',
  },
  { status: '2xx', codes: ['GATEWAY.0613'], read: 'again', request: 'not-sent' },
  { status: '2xx', codes: ['ModelArts.0010'], read: 'again', request: 'ambiguous' },
  // An unauthorised account: permanent, though 500.
  { status: 500, codes: ['ModelArts.0109'], read: 'refused', request: 'refused' },
  // "The status changed, try again later."
  { status: 409, codes: ['ModelArts.2878'], read: 'again', request: 'not-sent' },
  // IAM is unavailable: the gateway stops before the backend (a guess).
  { status: 503, codes: ['GATEWAY.0613'], read: 'again', request: 'not-sent' },
  { status: 408, read: 'again', request: 'ambiguous' },
  { status: 409, read: 'again', request: 'refused' },
  { status: 429, read: 'again', request: 'not-sent' },
  { status: 501, read: 'refused', request: 'refused' },
  { status: 505, read: 'refused', request: 'refused' },
  { status: '1xx', read: 'refused', request: 'refused' },
  { status: '2xx', read: 'refused', request: 'refused' },
  { status: '3xx', read: 'refused', request: 'refused' },
  { status: '4xx', read: 'refused', request: 'refused' },
  { status: '5xx', read: 'again', request: 'ambiguous' },
  { status: 'any', read: 'again', request: 'ambiguous' },
];

/** The classes of an answer that is an error, by its HTTP status and the code in its body. */
export function classify(httpStatus: number, code: string | undefined): Classes {
  const hundreds = `${Math.floor(httpStatus / 100)}xx`;
  const family = code?.replace(/^(APIGW|APIG)\./, 'GATEWAY.');
  const rule = RULES.find(
    ({ status, codes }) =>
      (status === httpStatus || status === hundreds || status === 'any') &&
      (codes === undefined || (family !== undefined && codes.includes(family))),
  );
  // The last rule matches anything; said again for the compiler.
  return rule ?? { read: 'again', request: 'ambiguous' };
}

/** What an error answer to a read means: refused for good, or look again. */
type ReadClass = 'refused' | 'again';
/** What an error answer to a restart or a stop says about whether the request was carried out. */
type RequestClass = 'refused' | 'ambiguous' | 'not-sent';

export interface Classes {
  read: ReadClass;
  request: RequestClass;
  /** The reason; begins with `guess:` if no document says so. */
  why: string;
}

interface Rule extends Classes {
  /** One HTTP status, or a hundred of them. */
  status: number | '1xx' | '2xx' | '3xx' | '4xx' | '5xx';
  /** If absent, the rule covers every code of this status that no earlier rule names. */
  codes?: readonly string[];
}

const REFUSED = { read: 'refused', request: 'refused' } as const;
const NOT_SENT = { read: 'again', request: 'not-sent' } as const;
const AMBIGUOUS = { read: 'again', request: 'ambiguous' } as const;

const THROTTLED = ['ModelArts.2799', 'ModelArts.4206', 'ModelArts.4395', 'ModelArts.6101'];

/**
 * The first rule that matches decides, so rules with codes stand first.
 *
 * A rule matches status and code together, because 24 documented codes occur under several statuses
 * (ModelArts error codes, page modelarts_03_0095; gateway codes:
 * support.huaweicloud.com/devg-apisign/api-sign-errorcode). Only for throttling and authentication
 * does a document say that nothing was done yet. In doubt, a request is ambiguous, and a look at the
 * job decides.
 */
const RULES: readonly Rule[] = [
  // No table of error codes has this one; samples show it under 200.
  ...(['2xx', '4xx'] as const).map((status) => ({
    status,
    codes: ['ModelArts.0105'],
    ...REFUSED,
    why: "the job's status does not allow it",
  })),
  // A code that is transient under its own status is also transient under a 2xx.
  {
    status: '2xx',
    codes: ['GATEWAY.0308', ...THROTTLED],
    ...NOT_SENT,
    why: 'guess: throttled as under 429',
  },
  {
    status: '2xx',
    codes: ['GATEWAY.0613'],
    ...NOT_SENT,
    why: 'guess: IAM is away as under 503',
  },
  {
    status: '2xx',
    codes: ['GATEWAY.0202', 'GATEWAY.0203', 'GATEWAY.0610'],
    ...AMBIGUOUS,
    why: 'guess: the backend gave no answer as under 502 and 504',
  },
  {
    status: '2xx',
    codes: ['ModelArts.0010'],
    ...AMBIGUOUS,
    why: 'guess: an internal error as under 500',
  },
  {
    status: 500,
    codes: ['ModelArts.0109'],
    ...REFUSED,
    why: 'the account is not authorised; permanent although 500',
  },
  {
    status: 409,
    codes: ['ModelArts.2878'],
    ...NOT_SENT,
    why: 'guess: the status changed before anything was done; it asks to retry later',
  },
  {
    status: 503,
    codes: ['GATEWAY.0613'],
    ...NOT_SENT,
    why: 'guess: IAM is away and the gateway stops before the backend',
  },
  {
    status: 429,
    codes: ['GATEWAY.0308'],
    ...NOT_SENT,
    why: 'throttled at the gateway, before ModelArts',
  },
  {
    status: 421,
    ...NOT_SENT,
    why: 'the connection led to a server that is not for this request (RFC 9110 §15.5.20)',
  },
  {
    status: 408,
    ...AMBIGUOUS,
    why: 'it took too long; the request may have been carried out',
  },
  {
    status: 409,
    read: 'again',
    request: 'refused',
    why: 'guess: a conflict is found before anything is done, and passes',
  },
  { status: 429, ...NOT_SENT, why: 'guess: throttled before anything was done' },
  { status: 501, ...REFUSED, why: "the service can't do this" },
  { status: 505, ...REFUSED, why: "the service can't do this" },
  {
    status: '1xx',
    ...REFUSED,
    why: 'guess: in the table of errors, under a status that is no final answer',
  },
  { status: '2xx', ...REFUSED, why: 'the body says that it failed' },
  { status: '3xx', ...REFUSED, why: 'a redirect; following it would hand the credentials on' },
  { status: '4xx', ...REFUSED, why: 'refused as it stands' },
  {
    status: '5xx',
    ...AMBIGUOUS,
    why: 'the service failed; the request may have been carried out',
  },
];

const UNKNOWN: Classes = {
  ...AMBIGUOUS,
  why: 'guess: nobody knows this status; the request may have been carried out',
};

/** The classes of an answer that is an error, by its HTTP status and the code in its body. */
export function classify(httpStatus: number, code: string | undefined): Classes {
  const hundreds = `${Math.floor(httpStatus / 100)}xx`;
  const family = code?.replace(/^(APIGW|APIG)\./, 'GATEWAY.');
  const rule = RULES.find(
    ({ status, codes }) =>
      (status === httpStatus || status === hundreds) &&
      (codes === undefined || (family !== undefined && codes.includes(family))),
  );
  const { read, request, why } = rule ?? UNKNOWN;
  return { read, request, why };
}

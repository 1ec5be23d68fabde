/** The calls of the API that the simulator knows. */
export const OPERATIONS = ['detail', 'list', 'restart', 'stop'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** The calls of IAM and of the metadata service. Most faults of an answer strike these too. */
export const PLATFORM_OPERATIONS = ['login', 'projects', 'metadata-token', 'metadata-key'] as const;
export type PlatformOperation = (typeof PLATFORM_OPERATIONS)[number];

/**
 * What can go wrong with a request. Each kind says whether the request is carried out nevertheless.
 * A request that would be refused anyway (a restart of a running job) is never carried out.
 */
export type Fault =
  /** Not carried out; the connection is destroyed. */
  | { kind: 'request-lost' }
  /** Carried out, then the connection is destroyed without an answer. */
  | { kind: 'answer-lost' }
  /** Carried out; the delay comes `before` (the default) or `after` that. The answer is good. */
  | { kind: 'delay'; ms: number; when?: 'before' | 'after' }
  /** Carried out; the head and half of the body arrive, then the connection is reset. */
  | { kind: 'reset-mid-body' }
  /** Carried out; the HTTP is well-formed, but the body has only half of the JSON. */
  | { kind: 'cut-off-body' }
  /** Carried out unless `carriedOut` is false; default status 200. */
  | { kind: 'empty-body'; status?: number; carriedOut?: boolean }
  /** An HTML page, as a proxy sends it, instead of JSON. */
  | { kind: 'html'; status: number; carriedOut: boolean; body?: string }
  /** An error answer `before` or `after` carrying the request out. See `code` for its shape. */
  | {
      kind: 'status';
      status: number;
      when: 'before' | 'after';
      /** `APIG…` makes an error of the gateway, any other code one of ModelArts. */
      code?: string;
      text?: string;
      retryAfter?: number | string;
    }
  /** Not carried out; the gateway's 429. */
  | { kind: 'throttle'; text?: string; retryAfter?: number | string }
  /** Not carried out; 404 `ModelArts.0015`. */
  | { kind: 'not-found' }
  /** Not carried out; an error answer. */
  | { kind: 'refuse'; status: number; code: string; message: string }
  /** Not carried out; default status 302. */
  | { kind: 'redirect'; location: string; status?: number }
  /** The answer shows this status instead of the true one; on the list, in the rows concerned. */
  | { kind: 'show-status'; operation: 'detail' | 'list'; status: number }
  /** Never answered; the connection stays open. Carried out only if `carriedOut` is true. */
  | { kind: 'hang'; carriedOut?: boolean }
  /** Carried out; only the head and half of the body arrive, and the connection stays open. */
  | { kind: 'hang-mid-body' }
  /** Any other answer, verbatim. */
  | {
      kind: 'raw';
      status: number;
      body: string;
      carriedOut: boolean;
      headers?: Record<string, string>;
    };

export type FaultKind = Fault['kind'];

/**
 * A fault, and the requests that it strikes: those for `operation` and, if given, `jobId`. It lets
 * the first `after` of them pass, and strikes up to `times` of the others.
 *
 * If several faults match, the first one installed that has times left strikes. On the list,
 * `jobId` matches each page that shows the job, and a `show-status` for each row strikes as well.
 */
export type FaultSpec = {
  operation: Operation | PlatformOperation;
  jobId?: string;
  /** Default 1; `Infinity` strikes every time. */
  times?: number;
  /** How many matching requests pass first, struck by other faults or not; default 0. */
  after?: number;
} & Fault;

export interface FaultHandle {
  /** How many requests the fault has struck. */
  readonly fired: number;
  remove(): void;
}

/** Whether a request is carried out although the fault strikes it. */
export function isCarriedOut(fault: Fault): boolean {
  const row = CARRIED_OUT[fault.kind] as boolean | ((fault: Fault) => boolean);
  return typeof row === 'boolean' ? row : row(fault);
}

const CARRIED_OUT: {
  [K in FaultKind]: boolean | ((fault: Extract<Fault, { kind: K }>) => boolean);
} = {
  'request-lost': false,
  'answer-lost': true,
  delay: true,
  'reset-mid-body': true,
  'cut-off-body': true,
  'empty-body': (fault) => fault.carriedOut ?? true,
  html: (fault) => fault.carriedOut,
  status: (fault) => fault.when === 'after',
  throttle: false,
  'not-found': false,
  refuse: false,
  redirect: false,
  'show-status': true,
  hang: (fault) => fault.carriedOut ?? false,
  'hang-mid-body': true,
  raw: (fault) => fault.carriedOut,
};

export const FAULT_KINDS = Object.keys(CARRIED_OUT) as FaultKind[];

/** The calls of the API that this simulator knows. */
export const OPERATIONS = ['detail', 'list', 'restart', 'stop'] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * What can go wrong with a request. Each kind says whether the request is carried out all the
 * same; one that would be refused anyway (a restart of a running job) never is.
 */
export type Fault =
  /** The connection is destroyed; not carried out. */
  | { kind: 'request-lost' }
  /** Carried out, then the connection is destroyed without an answer. */
  | { kind: 'answer-lost' }
  /** Carried out after the wait (`before`, the default), or before it (`after`); good answer. */
  | { kind: 'delay'; ms: number; when?: 'before' | 'after' }
  /** Carried out; the head and half of the body arrive, then the connection is reset. */
  | { kind: 'reset-mid-body' }
  /** Carried out; well-formed HTTP with half of the JSON. */
  | { kind: 'cut-off-body' }
  /** Carried out unless told otherwise; default status 200. */
  | { kind: 'empty-body'; status?: number; carriedOut?: boolean }
  /** A page of a proxy instead of JSON. */
  | { kind: 'html'; status: number; carriedOut: boolean; body?: string }
  /** An error answer before or after carrying it out; the code's prefix decides the shape. */
  | {
      kind: 'status';
      status: number;
      when: 'before' | 'after';
      code?: string;
      text?: string;
      retryAfter?: number | string;
    }
  /** 429 of the gateway; not carried out. */
  | { kind: 'throttle'; text?: string; retryAfter?: number | string }
  /** 404 `ModelArts.0015`; not carried out. */
  | { kind: 'not-found' }
  /** An error answer; not carried out. */
  | { kind: 'refuse'; status: number; code: string; message: string }
  /** Default status 302; not carried out. */
  | { kind: 'redirect'; location: string; status?: number }
  /** The reading shows this status; the true one is unchanged. On the list: on the job's row. */
  | { kind: 'show-status'; operation: 'detail' | 'list'; status: number }
  /** No answer ever, the connection stays open; not carried out unless told otherwise. */
  | { kind: 'hang'; carriedOut?: boolean }
  /** Carried out; the head and half of the body arrive, then nothing, the connection stays open. */
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
 * A fault and the requests that it strikes: those of the operation (and job) from the first, or
 * after so many, as often as told. Of several that match, the one that was installed first and has
 * times left wins. On the list, `jobId` means the pages that show the job, and every
 * `show-status` applies, besides the first other fault.
 */
export type FaultSpec = {
  operation: Operation;
  jobId?: string;
  /** Default 1; `Infinity` for always. */
  times?: number;
  /** Lets the first so many matching requests pass, whatever becomes of them; default 0. */
  after?: number;
} & Fault;

export interface FaultHandle {
  /** How many requests it struck. */
  readonly fired: number;
  remove(): void;
}

/** Is the request carried out although the fault strikes? */
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

/** Every kind there is. */
export const FAULT_KINDS = Object.keys(CARRIED_OUT) as FaultKind[];

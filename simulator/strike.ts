import { isCarriedOut, type Fault } from './fault.js';
import { withRetryAfter, type Reply } from './reply.js';

/** How an answer goes back to the client. */
export type Delivery =
  | { way: 'whole' | 'reset' | 'stall'; reply: Reply }
  /** `lost`: the connection is destroyed; `hang`: it stays open. */
  | { way: 'lost' | 'hang' };

/** What `strike` needs to answer a request. */
export interface Struggle {
  /** Carries out the request. Called at most once. */
  carryOut(): Reply;
  /** Makes an error answer, in the shape that goes with the code's prefix. */
  error(status: number, code: string, text: string): Reply;
  notFound(): Reply;
  wait(ms: number): Promise<void>;
}

const THROTTLED =
  'The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute';

/** HTTP status and `when` → code and text of an error answer, if its fault names none. */
const ERRORS: Readonly<Record<string, [code: string, text: string]>> = {
  '502 before': ['APIGW.0201', 'Backend unavailable'],
  '502 after': ['APIGW.0201', 'Backend unavailable'],
  '503 before': ['APIGW.0613', 'IAM service is currently unavailable'],
  '503 after': ['ModelArts.4700', 'Service unavailable.'],
  '504 before': ['APIGW.0201', 'Backend timeout'],
  '504 after': ['APIGW.0201', 'Backend timeout'],
};
/** For all other statuses; a guess. */
const INTERNAL_ERROR = ['ModelArts.0010', 'Internal error.'] as const;

/** Carries out a request if its fault allows that, and returns how the answer goes back. */
export async function strike(fault: Fault | undefined, on: Struggle): Promise<Delivery> {
  if (fault?.kind === 'delay' && fault.when !== 'after') await on.wait(fault.ms);
  const carriedOut = fault === undefined || isCarriedOut(fault);
  const good = carriedOut ? on.carryOut() : { status: 200, body: '' };
  if (fault === undefined) return { way: 'whole', reply: good };
  switch (fault.kind) {
    case 'request-lost':
    case 'answer-lost':
      return { way: 'lost' };
    case 'hang':
      return { way: 'hang' };
    case 'reset-mid-body':
      return { way: 'reset', reply: good };
    case 'hang-mid-body':
      return { way: 'stall', reply: good };
    case 'delay':
      if (fault.when === 'after') await on.wait(fault.ms);
      return { way: 'whole', reply: good };
    default:
      return { way: 'whole', reply: replyOf(fault, good, on) };
  }
}

type Answering = Exclude<
  Fault['kind'],
  'request-lost' | 'answer-lost' | 'hang' | 'reset-mid-body' | 'hang-mid-body' | 'delay'
>;

function replyOf(fault: Extract<Fault, { kind: Answering }>, good: Reply, on: Struggle): Reply {
  switch (fault.kind) {
    case 'show-status':
      return good;
    case 'cut-off-body':
      return { ...good, body: good.body.slice(0, good.body.length / 2) };
    case 'empty-body':
      return { status: fault.status ?? 200, body: '' };
    case 'html':
      return {
        status: fault.status,
        body: fault.body ?? '<html><body><h1>The proxy has something to say</h1></body></html>',
        headers: { 'content-type': 'text/html; charset=utf-8' },
      };
    case 'status': {
      const [code, text] = ERRORS[`${fault.status} ${fault.when}`] ?? INTERNAL_ERROR;
      const reply = on.error(fault.status, fault.code ?? code, fault.text ?? text);
      return withRetryAfter(reply, fault.retryAfter);
    }
    case 'throttle':
      return withRetryAfter(on.error(429, 'APIGW.0308', fault.text ?? THROTTLED), fault.retryAfter);
    case 'not-found':
      return on.notFound();
    case 'refuse':
      return on.error(fault.status, fault.code, fault.message);
    case 'redirect':
      return { status: fault.status ?? 302, body: '', headers: { location: fault.location } };
    case 'raw':
      return {
        status: fault.status,
        body: fault.body,
        ...(fault.headers && { headers: fault.headers }),
      };
  }
}

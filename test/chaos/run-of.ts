import type { Run } from '../../chaos/run.js';
import type { Call } from '../../chaos/story.js';
import { Truth } from '../../chaos/truth.js';
import type { LoggedRequest } from '../../simulator/index.js';
import type { OutcomeName, RestartOutcome } from '../../src/domain/outcome.js';
import { parseRestartInput } from '../../src/domain/parse-options.js';
import { statusOf } from '../../src/domain/status.js';

/** When the run starts. */
export const T = 1_800_000_000_000;
export const COMES_UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 1_000, status: 8 },
];

/** What is not as usual. */
export interface Told {
  status?: number;
  restart?: { afterMs: number; status: number }[];
  stop?: { afterMs: number; status: number }[];
  sent?: Partial<LoggedRequest>[];
  calls?: Call[];
  input?: object;
  outcome?: OutcomeName;
  more?: Partial<RestartOutcome>;
  last?: number;
  close?: Partial<NonNullable<Run['story']['close']>> | null;
  story?: Partial<Run['story']>;
  run?: Partial<Run>;
}

const reading = (code: number, lookedAt: number) => ({
  kind: 'read',
  reading: { status: statusOf(code), lookedAt },
});
export const call = (
  type: string,
  eventId: number,
  from: number,
  to: number,
  more: object,
): Call => ({
  type,
  eventId,
  scheduledAt: T + from,
  closedAt: T + to,
  end: 'completed',
  input: { sendByMs: T + from + 10_000 },
  ...more,
});
export const look = (code = 12): Call =>
  call('lookAtJob', 5, 10, 50, { result: { look: reading(code, T + 20) } });
export const ask = (kind = 'accepted', more: object = {}): Call =>
  call('requestRestart', 10, 60, 100, { result: { kind }, ...more });
export const wait = (code: number, at = 1_150): Call =>
  call('waitForStatusChange', 15, 110, at + 50, { result: reading(code, T + at) });
export const arrived = (more: Partial<LoggedRequest> = {}): Partial<LoggedRequest> => ({
  at: T + 80,
  operation: 'restart',
  outcome: 200,
  carriedOut: true,
  ...more,
});
export const refusal = arrived({ carriedOut: false });
export const LOST = arrived({ carriedOut: false, outcome: 'lost', fault: 'request-lost' });

const FAILURE_TYPES: Partial<Record<OutcomeName, string>> = {
  refused: 'ModelArts.0105',
  failed: 'RestartFailed',
  stopped: 'JobStopped',
  'no-effect': 'RestartHadNoEffect',
  'timed-out': 'RestartTimedOut',
  unknown: 'RestartUnknown',
};

/** A run that is well where nothing is told: KILLED → WAITING → RUNNING. */
export function runOf(told: Told = {}): Run {
  const { status = 12, last = 8, outcome: name = 'running' } = told;
  const sent = (told.sent ?? [arrived()]) as LoggedRequest[];
  const spec = {
    jobId: '7',
    projectId: 'p',
    status,
    timelines: { restart: told.restart ?? COMES_UP, stop: told.stop ?? [] },
  };
  const job = { spec, staleMs: 0, goesBack: false };
  const parsed = parseRestartInput({
    jobId: '7',
    settleTime: '5s',
    timeout: '1m',
    ...told.input,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const outcome: RestartOutcome = {
    outcome: name,
    projectId: 'p',
    jobId: '7',
    until: 'running',
    attached: false,
    before: statusOf(status),
    last: statusOf(last),
    transitions: [],
    startedAt: new Date(T).toISOString(),
    endedAt: new Date(T + 1_250).toISOString(),
    ...(sent.some(({ carriedOut, operation }) => carriedOut && operation === 'restart') && {
      acceptedAt: new Date(T + 100).toISOString(),
    }),
    ...told.more,
  };
  const type = FAILURE_TYPES[name];
  const as = name === 'canceled' ? 'canceled' : type === undefined ? 'completed' : 'failed';
  const run: Run = {
    workflowId: 'restart:p:7',
    runId: 'r',
    isTheRestart: true,
    request: parsed.value,
    story: {
      startedAt: T,
      args: [],
      calls: told.calls ?? [look(status), ask(), wait(last)],
      deadlines: [],
      hasStartedChild: false,
      taskFailures: [],
      nudges: 0,
      events: 29,
      text: 'nothing secret',
      ...(told.close !== null && {
        close: { as, at: T + 1_250, ...(type && { type }), ...told.close },
      }),
      ...told.story,
    },
    outcome,
    truth: new Truth(job, sent, []),
    nextAt: Infinity,
    sent: sent.filter(({ operation }) => operation !== 'detail'),
    ofTheJob: [],
    world: { workerKills: [], calmSince: T },
    ...told.run,
  };
  return run;
}

import type { ServiceError } from '../src/domain/answer.js';
import { ChangeJudge, type ChangeWait } from '../src/domain/change-wait.js';
import { pauseAfter } from '../src/domain/retry.js';
import type { Look } from '../src/workflows/protocol/hands.js';
import type { SimulatedClient } from './simulated-client.js';

const LAST_ANSWER_SLACK_MS = 1_000;

/**
 * Runs one attempt of a wait on the worker. Looks at once if asked, at the poll interval, and at
 * the instants that end the wait.
 */
export function attemptToWait(
  client: SimulatedClient,
  wait: Omit<ChangeWait, 'job'>,
  memory: { goneSince?: number | undefined },
  isAlive: () => boolean,
  done: (look: Look) => void,
): void {
  const { time, plan } = client;
  const judge = new ChangeJudge(wait, memory.goneSince);
  let error: ServiceError = { message: 'no look was made in time' };
  let isOver = false;
  let failures = 0;
  let turn = 0;
  const end = (look: Look): void => {
    if (isOver || !isAlive()) return;
    isOver = true;
    done(look);
  };
  const schedule = (afterMs: number, isDetail: boolean): void => {
    turn += 1;
    const mine = turn;
    // At the instants that end the wait, makes a detail look even if the list would be due.
    const now = client.now();
    const instants = [wait.unchangedAtMs ?? Infinity, wait.deadlineMs].filter((at) => at > now);
    const nextMs = Math.min(...instants) - now;
    const isInstant = nextMs <= afterMs;
    time.after(Math.max(0, Math.min(nextMs, afterMs)), () => {
      if (isOver || mine !== turn || !isAlive()) return;
      const { restMs } = client;
      if (restMs > 0) return schedule(restMs, isDetail);
      makeLook(isDetail || isInstant);
    });
  };
  const makeLook = (isDetail: boolean): void => {
    const startedAt = client.now();
    client.look(isDetail, (answer) => {
      if (isOver || !isAlive()) return;
      if (answer.kind !== 'read') ({ error } = answer);
      failures = answer.kind === 'read' ? 0 : failures + 1;
      const verdict = judge.judge(answer, { startedAt, from: isDetail ? 'detail' : 'list' });
      memory.goneSince = judge.goneSince;
      if (typeof verdict !== 'string') return end(verdict);
      if (verdict === 'look-again') return makeLook(true);
      const pauseMs = failures === 0 ? wait.pollIntervalMs : pauseAfter(failures);
      schedule(Math.min(wait.pollIntervalMs, pauseMs), !plan.byList);
    });
  };
  time.after(Math.max(0, wait.deadlineMs - client.now()), () => {
    if (client.restMs > 0) end({ kind: 'no-reading', error });
    else
      time.after(plan.exchangeMs + LAST_ANSWER_SLACK_MS, () => end({ kind: 'no-reading', error }));
  });
  if (wait.lookAtOnce || wait.deadlineMs <= client.now()) makeLook(true);
  else schedule(wait.pollIntervalMs, !plan.byList);
}

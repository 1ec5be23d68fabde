import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Reading, ServiceError } from '../domain/answer.js';
import { WRONG_STATUS_CODE } from '../domain/refusals.js';
import { pauseAfter, trimToDeadline } from '../domain/retry.js';
import { groupOf, isDown } from '../domain/status.js';
import { moveTo } from './follow.js';
import type { Ending } from './record.js';
import type { RestartRun } from './run.js';

/** How long a stop on cancel goes on asking while ModelArts refuses it because nothing has moved. */
const CANCEL_PATIENCE_MS = 2 * 60_000;

/** How long a stop on cancel takes at the longest. A guess: nobody documents how long a job goes down. */
const CANCEL_LIMIT_MS = 10 * 60_000;

/** How a stop went: the job is down, or why it can't be seen to be. */
type Stopped =
  | { kind: 'down' }
  | { kind: 'refused'; error: ServiceError }
  | { kind: 'out-of-time'; error?: ServiceError };

interface Stop {
  deadlineMs: () => number;
  /** How long a refusal that the job's status is the reason for is taken for a passing one. */
  patienceMs: number;
  onReading: (reading: Reading) => void;
}

/** `ifRunning: "stop"`: stops the job before its restart. Answers with an ending where that fails. */
export async function stopFirst(run: RestartRun): Promise<Ending | undefined> {
  const { record, request } = run;
  record.phase = 'stopping';
  const stopped = await stopUntilDown(run, {
    deadlineMs: () => run.deadlineMs,
    patienceMs: request.settleTimeMs,
    onReading: (reading) => {
      const { name, code } = reading.status;
      if (record.last?.code !== code)
        run.note(`${record.last?.name} → ${name}, before the restart`);
      record.saw(reading);
    },
  });
  if (stopped.kind === 'down') return undefined;
  const { kind, error } = stopped;
  return { outcome: kind === 'refused' ? 'refused' : 'timed-out', ...(error && { error }) };
}

/** `onCancel: "stop"`: stops what this restart may have set going; nothing where it sent no request. */
export async function stopOnCancel(run: RestartRun): Promise<void> {
  if (!run.asked) return;
  const { record, request } = run;
  const limitMs = Date.now() + CANCEL_LIMIT_MS;
  record.phase = 'stopping';
  const stopped = await CancellationScope.nonCancellable(() =>
    stopUntilDown(run, {
      deadlineMs: () => limitMs,
      patienceMs: Math.max(CANCEL_PATIENCE_MS, request.settleTimeMs),
      onReading: (reading) => {
        if (record.last?.code === reading.status.code) record.saw(reading);
        else moveTo(run, reading);
      },
    }),
  );
  run.note(stopped.kind === 'down' ? 'stopped on cancel' : `could not stop it: ${stopped.kind}`);
}

/** Asks for a stop, and again where it is needed, until the job has moved and is down. */
async function stopUntilDown(run: RestartRun, stop: Stop): Promise<Stopped> {
  const patientUntilMs = Date.now() + stop.patienceMs;
  // A job that showed a status that is down has not moved yet: its restart was a moment ago.
  let moved = !isDown(run.record.last!.code);
  for (let failures = 1; ; failures += 1) {
    const answer = await run.send('stop');
    const now = Date.now();
    if (answer.kind === 'not-sent') {
      if (now >= stop.deadlineMs()) return { kind: 'out-of-time', error: answer.error };
      const pauseMs = pauseAfter(failures, answer.retryAfterMs, Math.random());
      await sleep(trimToDeadline(pauseMs, now, stop.deadlineMs()));
      continue;
    }
    const refused = answer.kind === 'refused';
    if (refused) {
      const passes = answer.error.code === WRONG_STATUS_CODE && now < patientUntilMs;
      if (!passes) return { kind: 'refused', error: answer.error };
    } else {
      run.record.stopped = true;
    }

    // A stop that was taken is given its time to show; after a refusal the next try comes soon.
    const { settleTimeMs, pollIntervalMs } = run.request;
    const nextTryMs = now + (refused ? Math.min(pollIntervalMs, 5_000) : settleTimeMs);
    for (let unchanged = false; !unchanged;) {
      const last = run.record.last!.code;
      const goingDown = groupOf(last) === 'going-down';
      const look = await run.waitForChange({
        last,
        lookAtOnce: true,
        deadlineMs: stop.deadlineMs(),
        ...(!goingDown && { unchangedAtMs: nextTryMs }),
      });
      if (look.kind === 'refused') return look;
      if (look.kind === 'no-reading') return { kind: 'out-of-time', error: look.error };
      const { code } = look.reading.status;
      unchanged = code === last;
      moved ||= !unchanged;
      stop.onReading(look.reading);
      if (isDown(code) && (moved || !refused)) return { kind: 'down' };
      if (Date.now() >= stop.deadlineMs()) return { kind: 'out-of-time' };
    }
  }
}

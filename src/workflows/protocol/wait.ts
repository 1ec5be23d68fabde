import type { LookResult, ServiceError } from '../../domain/answer.js';
import { defined } from '../../domain/defined.js';
import { pauseBetweenTries } from '../../domain/retry.js';
import type { Look, Ongoing, WaitFor } from './hands.js';
import type { RestartRun } from './run.js';

/** Failing looks are shown after this time, or after a quarter of the restart's time so far if that is longer. */
const TROUBLE_AFTER_MS = 15_000;

/** After a wait that gave no reading, the next one starts at least this long after its start. */
const SHORTEST_TURN_MS = 1_000;

/** A turn may move. From so many tries on the pauses grow, so that the history stays small whatever happens. */
const MOST_TURNS = 10;

/** An answer that took up to this time on its way does not delay the turn. More may be a clock that is off. */
const LATEST_ANSWER_MS = 5_000;

/** Why a request was not taken, and when to ask again. An instant in `turnAtMs` is kept for this request. */
interface NotYet {
  error: ServiceError;
  retryAfterMs?: number;
  turnAtMs?: number;
}

/** What a wait ends on, beside the deadline. */
type Wait = Pick<WaitFor, 'lookAtOnce' | 'unchangedAtMs' | 'decisive'>;

/**
 * Looks at the job and records the reading. The look starts after this call; the last try starts at
 * the deadline. After the restart request, a status that may be old must show in two looks in a row.
 */
export async function look(run: RestartRun): Promise<LookResult> {
  const again = { lookAtOnce: true, unchangedAtMs: run.hands.now() };
  return record(run, await (run.doubt === undefined ? lookUntilRead(run) : wait(run, again)));
}

/**
 * Waits until the status differs from `record.last`, and records the reading. The last look is at the
 * deadline, which may move.
 */
export async function waitForChange(run: RestartRun, until: Wait): Promise<LookResult> {
  return record(run, await wait(run, until));
}

function record(run: RestartRun, seen: LookResult): LookResult {
  if (seen.kind === 'read') run.saw(seen.reading);
  return seen;
}

async function lookUntilRead(run: RestartRun): Promise<LookResult> {
  for (;;) {
    run.takeLookWanted();
    const answerByMs = troubleAtMs(run);
    const seen = await run.unlessInterrupted(() => lookOnce(run, run.endsAtMs, answerByMs), true);
    if (seen === undefined) continue;
    if (seen.kind === 'read') run.endTrouble();
    if (seen.kind === 'read' || seen.kind === 'refused') return seen;
    if (run.isTimeUp) return { kind: 'no-reading', error: seen.error };
    run.showTrouble(seen.error);
    await pauseUntil(run, answerByMs);
  }
}

async function wait(run: RestartRun, until: Wait): Promise<LookResult> {
  const last = run.record.last!.code;
  const { unchangedAtMs, decisive } = until;
  const { changes } = run;
  // How far the worker's clock has been seen to be ahead of ours: its instants are later.
  let aheadMs = 0;
  let isAhead = false;
  for (let { lookAtOnce } = until; ;) {
    // `checkNow` had a look made during a pause, and it showed the change.
    if (run.changes !== changes) return { kind: 'read', reading: run.lastReading! };
    const beganAtMs = run.hands.now();
    const isWanted = run.takeLookWanted();
    const tellsAtMs = troubleAtMs(run);
    const seen = await run.unlessInterrupted(
      () =>
        run.hands.waitForChange({
          last,
          ...defined({ decisive }),
          lookAtOnce: isWanted || lookAtOnce,
          ...(unchangedAtMs !== undefined && { unchangedAtMs: unchangedAtMs + aheadMs }),
          deadlineMs: run.endsAtMs + aheadMs,
          troubleAtMs: tellsAtMs,
          ...((isWanted || run.record.trouble) && { untilRead: true }),
          ...defined({ doubt: run.doubt }),
        }),
      isWanted,
    );
    // An interrupted wait may have lost a look that was under way, so look at once.
    lookAtOnce = seen === undefined;
    if (seen === undefined) continue;
    if (seen.kind === 'refused') return seen;
    if (seen.kind === 'read') {
      run.endTrouble();
      const { code } = seen.reading.status;
      if (code !== last && (decisive?.includes(code) ?? true)) return seen;
      const dueMs = Math.min(unchangedAtMs ?? Infinity, run.endsAtMs);
      // Not due yet: the wait ended for `checkNow`, after trouble, or because the deadline moved.
      if (seen.reading.lookedAt < dueMs) continue;
      if (run.hands.now() >= dueMs) return seen;
      // The worker's clock is ahead of ours, so the look was too early.
      aheadMs = Math.max(aheadMs, seen.reading.lookedAt - run.hands.now());
    } else if (run.isTimeUp) {
      const isCutShort = seen.kind === 'lost' || isAhead;
      const final = isCutShort ? await lookOnceMore(run, seen.error) : seen;
      // The deadline may have been moved meanwhile.
      if (final.kind !== 'no-reading' || run.isTimeUp) return final;
    } else {
      const dueMs = Math.min(tellsAtMs, run.endsAtMs);
      // It came too early by our clock, so the worker's is ahead. Wait for ours.
      const isEarly = seen.kind === 'no-reading' && run.hands.now() < dueMs;
      if (isEarly) isAhead = lookAtOnce = true;
      if (tellsAtMs < run.endsAtMs) run.showTrouble(seen.error);
      const untilMs = isEarly ? dueMs : beganAtMs + SHORTEST_TURN_MS;
      await pauseUntil(run, untilMs, () => run.changes !== changes);
    }
  }
}

/**
 * Pauses before the next try. The pause grows with the time since the first try.
 *
 * @param error why another try is needed; people see it during the pause
 */
export async function pauseBetween(
  run: RestartRun,
  tries: number,
  firstTryAtMs: number,
  { error, retryAfterMs = 0, turnAtMs }: NotYet,
): Promise<void> {
  const untilMs =
    turnAtMs !== undefined && tries <= MOST_TURNS
      ? atTurn(run.hands.now() + retryAfterMs, turnAtMs)
      : nextTryAtMs(run, tries, firstTryAtMs, retryAfterMs);
  run.record.pause = { untilMs, error };
  try {
    await pauseUntil(run, untilMs);
  } finally {
    run.record.pause = undefined;
  }
}

/** The instant of a turn by the workflow's clock: by how long the answer said, less the time that it took to come. */
function atTurn(bySpanMs: number, turnAtMs: number): number {
  return bySpanMs - Math.min(LATEST_ANSWER_MS, Math.max(0, bySpanMs - turnAtMs));
}

/** When the next try is due. */
export function nextTryAtMs(
  { hands }: RestartRun,
  tries: number,
  firstTryAtMs: number,
  retryAfterMs = 0,
): number {
  const now = hands.now();
  return now + pauseBetweenTries(tries, now - firstTryAtMs, retryAfterMs, hands.random());
}

/** Pauses until this instant, or the deadline. `checkNow` has a look made meanwhile, which may end the pause. */
async function pauseUntil(
  run: RestartRun,
  instantMs: number,
  isOver = (): boolean => false,
): Promise<void> {
  for (;;) {
    run.throwIfCancelled();
    if (run.takeLookWanted()) {
      await look(run);
      if (isOver()) return;
      continue;
    }
    const ms = Math.min(instantMs, run.endsAtMs) - run.hands.now();
    if (ms <= 0) return;
    await run.unlessInterrupted(() => run.hands.pause(ms));
  }
}

function lookOnce(run: RestartRun, deadlineMs: number, answerByMs: number): Ongoing<Look> {
  const { record, hands, options } = run;
  // A 404 is waited through only if the job has been seen: then it existed a moment ago.
  const goneUntilMs = record.last && hands.now() + options.settleTimeMs;
  return hands.look({ deadlineMs, answerByMs, ...defined({ goneUntilMs }) });
}

/**
 * The worker died during the last look. The time is up, but one more look can still show the job's
 * status; two looks in a row if that status may be old.
 */
async function lookOnceMore(run: RestartRun, error: ServiceError): Promise<LookResult> {
  for (let doubted: number | undefined; ;) {
    const now = run.hands.now();
    const seen = await run.unlessInterrupted(() => lookOnce(run, now, now), true);
    if (seen === undefined) continue;
    if (seen.kind === 'lost') return { kind: 'no-reading', error };
    if (seen.kind !== 'read') return seen;
    const { code } = seen.reading.status;
    if (!run.isInDoubt(code) || doubted === code) return seen;
    doubted = code;
  }
}

function troubleAtMs({ hands, record }: RestartRun): number {
  const now = hands.now();
  return now + Math.max(TROUBLE_AFTER_MS, (now - record.startedAt) / 4);
}

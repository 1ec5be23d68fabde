import type { ChangeWait } from '../../src/domain/change-wait.js';
import type { LookResult } from '../../src/domain/answer.js';
import { StatusFeed } from '../../src/feed/status-feed.js';
import { waitForChange, type WaitMemory } from '../../src/feed/wait-for-change.js';
import { feedOf, JOB, now, type ScriptedLooks, START } from './scripted-looks.js';

/** The longest time that one look takes, in these tests. */
export const EXCHANGE_MS = 2_000;

/** A wait's end: what it came to, and when. */
type End = { at: number } & ({ result: LookResult } | { error: unknown });

interface Wish extends Partial<
  Omit<ChangeWait, 'unchangedAtMs' | 'troubleAtMs' | 'deadlineMs' | 'doubt'>
> {
  /** Milliseconds since START, like all times of these tests. */
  unchangedAt?: number;
  troubleAt?: number;
  deadline?: number;
  doubt?: { code: number; until: number };
  key?: string;
  signal?: AbortSignal;
  memory?: WaitMemory;
}

/** Begins a wait for KILLED to change, with a deadline in an hour, and tells how it ended. */
export function beginWait(
  source: ScriptedLooks | StatusFeed,
  wish: Wish = {},
): { feed: StatusFeed; end: () => End | undefined } {
  const feed = source instanceof StatusFeed ? source : feedOf(source);
  const { unchangedAt, troubleAt, deadline = 3_600_000, doubt, key = 'run', ...rest } = wish;
  const { signal = new AbortController().signal, memory = {}, ...keys } = rest;
  const wait: ChangeWait = {
    job: JOB,
    last: 12,
    pollIntervalMs: 5_000,
    lookAtOnce: true,
    goneGraceMs: 0,
    deadlineMs: START + deadline,
    ...(unchangedAt !== undefined && { unchangedAtMs: START + unchangedAt }),
    ...(troubleAt !== undefined && { troubleAtMs: START + troubleAt }),
    ...(doubt && { doubt: { codes: [doubt.code], untilMs: START + doubt.until } }),
    ...keys,
  };
  let end: End | undefined;
  waitForChange(feed, wait, { key, exchangeMs: EXCHANGE_MS, signal, memory }).then(
    (result) => (end = { at: now(), result }),
    (error: unknown) => (end = { at: now(), error }),
  );
  return { feed, end: () => end };
}

/** A reading's result, by the status that it shows and the time when its look was started. */
export const reads = (code: number, lookedAt: number): unknown => ({
  kind: 'read',
  reading: expect.objectContaining({
    status: expect.objectContaining({ code }) as unknown,
    lookedAt: START + lookedAt,
  }) as unknown,
});

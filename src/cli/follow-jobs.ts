import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import { followRestart, openRestart, type RestartInput } from '../client/index.js';
import { gotThere } from '../domain/batch-outcome.js';
import { defined } from '../domain/defined.js';
import { orAborted } from '../domain/or-aborted.js';
import type { RestartOutcome, RestartProgress } from '../domain/outcome.js';
import { bar, type Display, type Paint, plainDisplay, terminalDisplay } from './output.js';
import { ending, now, Story } from './story.js';

/** How one job's restart ended, as far as this call has seen. */
export type JobEnd =
  | { kind: 'ended'; outcome: RestartOutcome }
  | { kind: 'interrupted'; progress?: RestartProgress }
  | { kind: 'error'; error: unknown };

export interface FollowJobs {
  inputs: readonly RestartInput[];
  taskQueue: string;
  /** Aborts when somebody interrupts the call. */
  interrupted: AbortSignal;
  /** How to show progress. If absent, nothing is shown. */
  show?: { paint: Paint; terminal: boolean };
}

/** Shown when neither the worker nor Temporal has answered for a while. */
export const NO_ANSWER = 'no answer for now: the worker or Temporal is away; waiting';

/** How many queries a second this call makes, for all jobs together. */
const QUESTIONS_A_SECOND = 20;

/**
 * Restarts jobs, or joins their restarts under way, and follows all of them to their ends. For a few
 * jobs: all are started at once.
 */
export async function followJobs(client: Client, jobs: FollowJobs): Promise<JobEnd[]> {
  const { inputs, interrupted, show } = jobs;
  const board = new Board(inputs, show?.paint ?? ((_, text) => text));
  const display =
    show === undefined
      ? undefined
      : show.terminal
        ? await terminalDisplay((frame) => board.live(frame))
        : plainDisplay();
  const everyMs = Math.max(500, (inputs.length / QUESTIONS_A_SECOND) * 1_000);
  try {
    return await Promise.all(
      inputs.map(async (input): Promise<JobEnd> => {
        const jobId = String(input.jobId);
        try {
          return await followJob(client, input, { ...jobs, everyMs, board, display });
        } catch (error) {
          const end: JobEnd = interrupted.aborted
            ? { kind: 'interrupted', ...board.last(jobId) }
            : { kind: 'error', error };
          board.ended(jobId, end);
          return end;
        }
      }),
    );
  } finally {
    display?.close();
  }
}

async function followJob(
  client: Client,
  input: RestartInput,
  {
    everyMs,
    board,
    display,
    taskQueue,
    interrupted,
  }: FollowJobs & {
    everyMs: number;
    board: Board;
    display: Display | undefined;
  },
): Promise<JobEnd> {
  const jobId = String(input.jobId);
  const say = (lines: string[]) => {
    for (const line of lines) display?.line(board.prefixed(jobId, line));
  };
  const opened = await orAborted(openRestart(client, input, { taskQueue }), interrupted);
  if (opened.joined) say([board.paint('dim', '          joined the restart under way')]);
  const onSilence = () => say([board.paint('yellow', `          ${NO_ANSWER}`)]);
  const following = followRestart(client, opened, { everyMs, signal: interrupted, onSilence });
  for await (const progress of following) {
    say(board.saw(jobId, progress));
    const { phase, outcome, endedAt } = progress;
    if (phase !== 'done' || outcome === undefined || endedAt === undefined) continue;
    const { phase: _, restart: __, ...rest } = progress;
    const end: JobEnd = { kind: 'ended', outcome: { ...rest, outcome, endedAt } };
    board.ended(jobId, end);
    display?.line(ending(end.outcome, board.paint));
    return end;
  }
  throw new Error('the restart ended without an outcome');
}

/** The progress of all restarts, for the lines that are overwritten. */
class Board {
  readonly #jobs = new Map<string, { story: Story; progress?: RestartProgress; end?: JobEnd }>();

  constructor(
    inputs: readonly RestartInput[],
    readonly paint: Paint,
  ) {
    for (const { jobId } of inputs) this.#jobs.set(String(jobId), { story: new Story(paint) });
  }

  saw(jobId: string, progress: RestartProgress): string[] {
    const job = this.#jobs.get(jobId)!;
    job.progress = progress;
    return job.story.tell(progress);
  }

  last(jobId: string): { progress?: RestartProgress } {
    return defined({ progress: this.#jobs.get(jobId)!.progress });
  }

  ended(jobId: string, end: JobEnd): void {
    this.#jobs.get(jobId)!.end = end;
  }

  prefixed(jobId: string, line: string): string {
    return this.#jobs.size === 1 ? line : `${jobId}  ${line}`;
  }

  live(frame: string): string[] {
    const underWay = [...this.#jobs].filter(([, { end }]) => end === undefined);
    const lines = underWay.map(([jobId, { progress }]) => {
      const where = progress === undefined ? 'waiting for a worker' : now(progress);
      return this.prefixed(jobId, `${frame} ${where}`);
    });
    return this.#jobs.size === 1 ? lines : [this.#counts(underWay.length), ...lines];
  }

  #counts(underWay: number): string {
    const ends = [...this.#jobs.values()].flatMap(({ end }) => end ?? []);
    const there = ends.filter(isThere).length;
    const total = this.#jobs.size;
    return `${bar(ends.length, total)} ${ends.length}/${total} · ${there} up · ${ends.length - there} not · ${underWay} under way`;
  }
}

export function isThere(end: JobEnd): boolean {
  return end.kind === 'ended' && gotThere(end.outcome.outcome);
}

/** Returns a signal that aborts when somebody interrupts this call. The restarts go on. */
export function interruption(): AbortSignal {
  const stopping = new AbortController();
  // Each job that is followed adds a listener.
  setMaxListeners(0, stopping.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stopping.abort());
  }
  return stopping.signal;
}

import type { LoggedRequest } from '../simulator/index.js';
import type { OwnMove } from './own-moves.js';
import type { PlannedJob } from './plan.js';

/** A status that the job truly had, from this instant on. */
export interface Move {
  at: number;
  status: number;
}

/** The true statuses of a job, by the simulator's log, whatever the answers showed. */
export class Truth {
  readonly restartsTaken: number[];
  readonly stopsTaken: number[];
  readonly moves: Move[];

  /** @param requests the logged requests about the job */
  constructor(
    readonly job: PlannedJob,
    readonly requests: readonly LoggedRequest[],
    ownMoves: readonly OwnMove[],
  ) {
    const taken = requests.filter(({ carriedOut }) => carriedOut);
    const takenAt = (operation: string): number[] =>
      taken.filter((request) => request.operation === operation).map(({ at }) => at);
    this.restartsTaken = takenAt('restart');
    this.stopsTaken = takenAt('stop');
    this.moves = [{ at: -Infinity, status: job.spec.status }];
    const causes = [
      ...taken.map(({ at, operation }) => ({ at, steps: this.#stepsOf(operation) })),
      ...ownMoves.map(({ at, status }) => ({ at, steps: [{ afterMs: 0, status }] })),
    ].toSorted((a, b) => a.at - b.at);
    causes.forEach(({ at, steps }, nth) => {
      // The next cause ends the moves of this one.
      const until = causes[nth + 1]?.at ?? Infinity;
      for (const { afterMs, status } of steps) {
        if (at + afterMs < until) this.moves.push({ at: at + afterMs, status });
      }
    });
  }

  statusAt(instant: number): number {
    return this.moves.findLast(({ at }) => at <= instant)!.status;
  }

  /** The statuses that the job moved to between two instants. */
  movedTo(from: number, to: number): number[] {
    return this.moves.filter(({ at }) => at >= from && at <= to).map(({ status }) => status);
  }

  /** The statuses that the job had between two instants. */
  statuses(from: number, to: number): number[] {
    return [this.statusAt(from), ...this.movedTo(from, to)];
  }

  #stepsOf(operation: string): readonly { afterMs: number; status: number }[] {
    const { restart = [], stop = [] } = this.job.spec.timelines ?? {};
    return operation === 'restart' ? restart : stop;
  }
}

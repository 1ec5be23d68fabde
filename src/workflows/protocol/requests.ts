import { groupOf, isDown, isStartingOrUp } from '../../domain/status.js';

/** How the restart and the stop differ, as data; sending and following them is the same code. */
export interface RequestRow {
  /** Statuses that show a request at work whose answer got lost. */
  shows: (code: number) => boolean;
  /**
   * Whether a move to any other status is the request's work too. A restart may go any way; a job
   * that is to stop may still come up by itself.
   */
  isAnyMoveItsWork: boolean;
}

export const RESTART: RequestRow = { shows: isStartingOrUp, isAnyMoveItsWork: true };

export const STOP: RequestRow = {
  shows: (code) => isDown(code) || groupOf(code) === 'going-down',
  isAnyMoveItsWork: false,
};

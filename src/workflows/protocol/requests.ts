import { groupOf, isDown, isStartingOrUp } from '../../domain/status.js';
import type { RestartRecord } from './record.js';

/** How the restart and the stop differ, as data; sending and following them is the same code. */
export interface RequestRow {
  /** Statuses that show the request at work. */
  shows: (code: number) => boolean;
  /** Whether a job that has moved to this status shows that a request whose answer got lost was taken. */
  showsTaken: (record: RestartRecord, code: number) => boolean;
  /**
   * Whether a move to any other status is the request's work too. A restart may go any way; a job
   * that is to stop may still come up by itself.
   */
  isAnyMoveItsWork: boolean;
}

export const RESTART: RequestRow = {
  shows: isStartingOrUp,
  showsTaken: ({ acceptedAt }) => acceptedAt !== undefined,
  isAnyMoveItsWork: true,
};

const isStopped = (code: number): boolean => isDown(code) || groupOf(code) === 'going-down';

export const STOP: RequestRow = {
  shows: isStopped,
  showsTaken: (_, code) => isStopped(code),
  isAnyMoveItsWork: false,
};

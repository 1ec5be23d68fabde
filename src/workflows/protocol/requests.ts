import { groupOf, isDown, isStartingOrUp } from '../../domain/status.js';
import type { RestartRecord } from './record.js';

/** How following a restart differs from following a stop, as data; the code is the same for both. */
export interface RequestRow {
  /** Statuses that show the request at work. */
  shows: (code: number) => boolean;
  /** Whether a move to this status proves that the request was taken, although its answer got lost. */
  showsTaken: (record: RestartRecord, code: number) => boolean;
  /**
   * Whether a move to any status counts as the request's work. A restart may lead anywhere; a job
   * that is being stopped may still come up by itself.
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

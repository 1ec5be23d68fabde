/**
 * The statuses of a visualization job and all that we know about each.
 *
 * Numbers and names: ModelArts API reference, page modelarts_03_0074 (names there carry the
 * prefix `JOBSTAT_`). The groups are ours: ModelArts publishes none.
 */
export const STATUS = {
  0: { name: 'UNKNOWN', group: 'odd' },
  1: { name: 'INIT', group: 'starting' },
  2: { name: 'IMAGE_CREATING', group: 'starting' },
  3: { name: 'IMAGE_FAILED', group: 'failed' },
  4: { name: 'SUBMIT_TRYING', group: 'starting' },
  5: { name: 'SUBMIT_FAILED', group: 'failed' },
  6: { name: 'DELETE_FAILED', group: 'odd' },
  7: { name: 'WAITING', group: 'starting' },
  8: { name: 'RUNNING', group: 'up' },
  9: { name: 'KILLING', group: 'going-down' },
  10: { name: 'COMPLETED', group: 'ended' },
  11: { name: 'FAILED', group: 'failed' },
  12: { name: 'KILLED', group: 'ended' },
  13: { name: 'CANCELED', group: 'ended' },
  14: { name: 'LOST', group: 'failed' },
  15: { name: 'SCALING', group: 'starting' },
  16: { name: 'SUBMIT_MODEL_FAILED', group: 'failed' },
  17: { name: 'DEPLOY_SERVICE_FAILED', group: 'failed' },
  18: { name: 'CHECK_INIT', group: 'starting' },
  19: { name: 'CHECK_RUNNING', group: 'starting' },
  20: { name: 'CHECK_RUNNING_COMPLETED', group: 'starting' },
  21: { name: 'CHECK_FAILED', group: 'failed' },
} as const satisfies Record<number, { name: string; group: StatusGroup }>;

/**
 * What a status means for a restart.
 *
 * `failed` and `ended` are both down: the job failed, or it ended on purpose. An `odd` status does
 * not tell whether the job is up. A number that ModelArts does not document is `odd` too.
 */
export type StatusGroup = 'starting' | 'up' | 'going-down' | 'ended' | 'failed' | 'odd';

/** A status as it is shown and recorded: `{ code: 12, name: 'KILLED' }`. */
export interface Status {
  code: number;
  /** Huawei's name without `JOBSTAT_`; `UNKNOWN_<code>` for an undocumented number. */
  name: string;
}

const rows: Readonly<Record<number, { name: string; group: StatusGroup }>> = STATUS;

/** The name of a status number; an undocumented number is part of the name: `UNKNOWN_99`. */
export function statusOf(code: number): Status {
  return { code, name: rows[code]?.name ?? `UNKNOWN_${code}` };
}

/** The group of a status number; `odd` for an undocumented number. */
export function groupOf(code: number): StatusGroup {
  return rows[code]?.group ?? 'odd';
}

/** Whether the job is down: failed, or ended on purpose. */
export function isDown(code: number): boolean {
  const group = groupOf(code);
  return group === 'failed' || group === 'ended';
}

/** Whether the job is up or starting. */
export function isStartingOrUp(code: number): boolean {
  const group = groupOf(code);
  return group === 'starting' || group === 'up';
}

/** Whether ModelArts documents this number. */
export function isDocumented(code: number): boolean {
  return rows[code] !== undefined;
}

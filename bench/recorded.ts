import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** `ACTIVITY_TASK_COMPLETED` of Temporal's API. */
const ACTIVITY_TASK_COMPLETED = 12;

/** Returns when Temporal recorded the last result of an activity, in milliseconds since the epoch. */
export function lastRecordedAt({ events }: History): number {
  const last = events?.findLast(({ eventType }) => Number(eventType) === ACTIVITY_TASK_COMPLETED);
  const { seconds, nanos } = last?.eventTime ?? {};
  return Number(seconds) * 1_000 + Number(nanos) / 1e6;
}

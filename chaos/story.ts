import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { tsToMs } from '@temporalio/common/lib/time.js';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** A call of an activity, read from the history. Times are milliseconds since the epoch. */
export interface Call {
  type: string;
  /** The number of the event that schedules the call. */
  eventId: number;
  scheduledAt: number;
  closedAt?: number;
  end: 'completed' | 'failed' | 'timed-out' | 'canceled' | 'open';
  /** Temporal's number: 2 is SCHEDULE_TO_START. */
  timeoutType?: number;
  input: unknown;
  result?: unknown;
}

/** How a workflow ended. */
interface Close {
  as: 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed-out';
  at: number;
  /** The failure's type, if the workflow failed. */
  type?: string;
  /** The result, or the first detail of the failure. */
  outcome?: unknown;
}

/** What the rules need to know of a history. */
export interface Story {
  startedAt: number;
  args: unknown[];
  calls: Call[];
  /** The deadlines that `extendDeadline` answered. */
  deadlines: number[];
  /** Whether the workflow started a child workflow, or tried to. */
  hasStartedChild: boolean;
  cancelRequested?: { eventId: number; at: number };
  /** Why workflow tasks failed. A task that timed out because its worker died does not count. */
  taskFailures: string[];
  /** How many signals, updates and cancellations the workflow received. */
  nudges: number;
  events: number;
  close?: Close;
  /** The whole history as text, payloads decoded. */
  text: string;
}

/**
 * A cause of `WorkflowTaskFailed` that is not the program's fault: an event arrived before the task
 * was completed, so Temporal repeats it (`WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND`).
 */
const UNHANDLED_COMMAND = 1;

export function storyOf(history: History): Story {
  const events = history.events ?? [];
  const story: Story = {
    startedAt: timeOf(events[0]),
    args: [],
    calls: [],
    deadlines: [],
    hasStartedChild: false,
    taskFailures: [],
    nudges: 0,
    events: events.length,
    text: textOf(history),
  };
  const calls = new Map<number, Call>();
  for (const event of events) {
    readCall(event, calls);
    readLife(event, story);
  }
  story.calls = [...calls.values()];
  return story;
}

function readCall(event: HistoryEvent, calls: Map<number, Call>): void {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled) {
    const eventId = Number(event.eventId);
    const type = scheduled.activityType?.name ?? '';
    const [input] = decoded(scheduled.input?.payloads);
    calls.set(eventId, { type, eventId, scheduledAt: timeOf(event), end: 'open', input });
    return;
  }
  const ends = {
    completed: event.activityTaskCompletedEventAttributes,
    failed: event.activityTaskFailedEventAttributes,
    'timed-out': event.activityTaskTimedOutEventAttributes,
    canceled: event.activityTaskCanceledEventAttributes,
  } as const;
  for (const [end, attributes] of Object.entries(ends)) {
    if (!attributes) continue;
    const call = calls.get(Number(attributes.scheduledEventId));
    if (call === undefined) continue;
    call.end = end as Call['end'];
    call.closedAt = timeOf(event);
    [call.result] = decoded(ends.completed?.result?.payloads);
    const type = ends['timed-out']?.failure?.timeoutFailureInfo?.timeoutType;
    if (type) call.timeoutType = Number(type);
  }
}

function readLife(event: HistoryEvent, story: Story): void {
  const at = timeOf(event);
  const started = event.workflowExecutionStartedEventAttributes;
  if (started) story.args = decoded(started.input?.payloads);
  if (event.startChildWorkflowExecutionInitiatedEventAttributes) story.hasStartedChild = true;
  if (event.workflowExecutionSignaledEventAttributes) story.nudges += 1;
  if (event.workflowExecutionUpdateAcceptedEventAttributes) story.nudges += 1;
  const update = event.workflowExecutionUpdateCompletedEventAttributes;
  for (const answer of decoded(update?.outcome?.success?.payloads)) {
    const deadline = (answer as { deadline?: string } | null)?.deadline;
    if (deadline !== undefined) story.deadlines.push(Date.parse(deadline));
  }
  if (event.workflowExecutionCancelRequestedEventAttributes) {
    story.nudges += 1;
    story.cancelRequested ??= { eventId: Number(event.eventId), at };
  }
  const taskFailed = event.workflowTaskFailedEventAttributes;
  if (taskFailed && Number(taskFailed.cause) !== UNHANDLED_COMMAND) {
    story.taskFailures.push(`${taskFailed.cause}: ${taskFailed.failure?.message}`);
  }
  const completed = event.workflowExecutionCompletedEventAttributes;
  const failure = event.workflowExecutionFailedEventAttributes?.failure;
  if (completed) {
    story.close = { as: 'completed', at, outcome: decoded(completed.result?.payloads)[0] };
  } else if (failure) {
    const type = failure.applicationFailureInfo?.type ?? failure.message ?? '';
    const [outcome] = decoded(failure.applicationFailureInfo?.details?.payloads);
    story.close = { as: 'failed', at, type, outcome };
  } else if (event.workflowExecutionCanceledEventAttributes) {
    story.close = { as: 'canceled', at };
  } else if (event.workflowExecutionTerminatedEventAttributes) {
    story.close = { as: 'terminated', at };
  } else if (event.workflowExecutionTimedOutEventAttributes) {
    story.close = { as: 'timed-out', at };
  }
}

function timeOf(event: HistoryEvent | undefined): number {
  return tsToMs(event?.eventTime);
}

function decoded(payloads: readonly Payload[] | null | undefined): unknown[] {
  return (payloads ?? []).map((payload) => defaultPayloadConverter.fromPayload(payload));
}

/** Returns the history as JSON, and after it the payloads decoded, which JSON holds in Base64. */
function textOf(history: History): string {
  const json = historyToJSON(history);
  const payloads = [...json.matchAll(/"data":\s*"([^"]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  return [json, ...payloads].join('\n');
}

import { setCurrentDetails } from '@temporalio/workflow';
import { formatDuration } from '../domain/duration.js';
import type { Phase } from '../domain/outcome.js';
import { iso, type RestartRecord } from './record.js';

const DOING: Record<Phase, string> = {
  checking: 'looking at the job before it asks for the restart',
  stopping: 'stopping the job first',
  requesting: 'asking ModelArts for the restart',
  waiting: 'following the job',
  done: 'done',
};

/** Lines of what has happened that fit a glance. */
const SHOWN_EVENTS = 12;

/** Shows in the Temporal UI where the restart is, as an operator asks: what, since when, what next. */
export function showDetails(record: RestartRecord, deadlineMs: number): void {
  const { request, last, lastSince, phase, ending, events } = record;
  const status =
    last === undefined ? 'not seen yet' : `${last.name} (${last.code}) since ${iso(lastSince)}`;
  const next =
    ending === undefined
      ? `every ${formatDuration(request.pollIntervalMs)} at the latest, until ${iso(deadlineMs)}`
      : 'none';
  setCurrentDetails(
    [
      `**Job ${request.jobId}**: ${status}`,
      `**Now**: ${ending === undefined ? DOING[phase] : `ended as \`${ending.outcome}\``}`,
      `**Waits for**: ${request.until}`,
      `**Next look**: ${next}`,
      ...(events.length > 0 ? ['', '**What has happened**'] : []),
      ...events.slice(-SHOWN_EVENTS).map((event) => `- ${event}`),
    ].join('\n'),
  );
}

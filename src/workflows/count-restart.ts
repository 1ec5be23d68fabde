import { metricMeter } from '@temporalio/workflow';
import { codeForMetrics } from '../domain/answer.js';
import type { RestartOutcome } from '../domain/outcome.js';

/**
 * Counts a restart that has ended, and how long it took. The SDK's meter counts nothing while a history
 * is replayed. Only *the* restart of a job is counted, so that whoever joins it adds nothing.
 */
export function countRestart({ outcome, error, startedAt, endedAt }: RestartOutcome): void {
  metricMeter
    .createCounter('modelarts_restarts', '', 'Restarts that have ended')
    .add(1, { outcome, code: codeForMetrics(error) });
  metricMeter
    .createHistogram(
      'modelarts_restart_duration_seconds',
      'float',
      '',
      'How long restarts took, from their start to their outcome',
    )
    .record(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) / 1_000, { outcome });
}

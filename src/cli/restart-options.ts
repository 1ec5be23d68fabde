import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { jobOf } from '../client/job-of-input.js';
import type { RestartInput } from '../domain/options.js';

/** The flags that say how to restart, as commander reads them. */
export interface RestartFlags {
  project?: string;
  until?: string;
  ifRunning?: string;
  onCancel?: string;
  timeout?: string;
  pollInterval?: string;
  settleTime?: string;
  ifUnknown?: string;
  reason?: string;
}

export const projectOption = (): Option =>
  new Option('--project <id>', 'the job’s project (default: HW_PROJECT_ID)');

export const jsonOption = (): Option =>
  new Option('--json', 'print one JSON document on standard output, and nothing else there');

/** Adds the flags of a restart to a verb. */
export function addRestartOptions(command: Command): Command {
  const options = [
    projectOption(),
    new Option('--until <status>', 'wait until the job is running (default) or finished').choices([
      'running',
      'finished',
    ]),
    new Option(
      '--if-running <what>',
      'a job that is up or starting: let ModelArts refuse (default), wait for it, or stop it first',
    ).choices(['fail', 'attach', 'stop']),
    new Option(
      '--on-cancel <what>',
      'on cancellation leave the job as it is (default), or stop it',
    ).choices(['leave', 'stop']),
    new Option('--timeout <duration>', 'the whole of it, 1s–7d (default: 30m)'),
    new Option(
      '--poll-interval <duration>',
      'the longest time between two looks, 1s–10m (default: 5s)',
    ),
    new Option(
      '--settle-time <duration>',
      'how long an unchanged status may be an old reading, 0s–10m (default: 60s)',
    ),
    new Option(
      '--if-unknown <what>',
      'where it can’t be known whether ModelArts took the request: fail (default), or ask once more',
    ).choices(['fail', 'repeat']),
    new Option('--reason <text>', 'recorded with the restart'),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/**
 * The input that the flags stand for. A flag that is not given is left out: the defaults are the
 * workflow's.
 *
 * @throws InvalidInputError with every problem
 */
export function inputOf(
  jobId: string,
  flags: RestartFlags,
  projectId: string,
  requestedBy: string | undefined,
): RestartInput {
  const { until, ifRunning, onCancel, timeout, pollInterval, settleTime, ifUnknown, reason } =
    flags;
  const given = {
    jobId,
    projectId,
    until,
    ifRunning,
    onCancel,
    timeout: milliseconds(timeout),
    pollInterval: milliseconds(pollInterval),
    settleTime: milliseconds(settleTime),
    ifUnknown,
    reason,
    requestedBy,
  };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const input = Object.fromEntries(said) as unknown as RestartInput;
  jobOf(input);
  return input;
}

/** Digits alone are milliseconds, as in the input; the bounds catch those who mean seconds. */
export function milliseconds(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

/** The name that the restart is requested under; `undefined` where the system knows none. */
export function userName(): string | undefined {
  try {
    return [...userInfo().username].slice(0, 200).join('');
  } catch {
    return undefined;
  }
}

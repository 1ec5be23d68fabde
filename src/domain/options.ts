/** How the input's value for a key is read. */
type Row =
  | { kind: 'job-id' }
  | { kind: 'project-id' }
  /** The first choice is the default. */
  | { kind: 'choice'; choices: readonly [string, ...string[]]; shown: string; help: string }
  /** `min` and `max` are allowed values. */
  | { kind: 'duration'; default: string; min: string; max: string; help: string }
  | { kind: 'text'; longest: number; help?: string };

/**
 * Every key of a restart's input, in the order in which people read them. The types below, the parser
 * (`parse-options.ts`) and the flags of the command line follow from these rows. A row without `help`
 * has no flag of its own.
 */
export const OPTIONS = {
  /** 1–19 digits without a leading zero, or a safe integer. */
  jobId: { kind: 'job-id' },
  /** 32 lower-case letters and digits. Default: the project in the workflow id, else the worker's. */
  projectId: { kind: 'project-id' },
  /** What the restart waits for: status 8 (`running`, the default) or status 10 (`finished`). */
  until: {
    kind: 'choice',
    choices: ['running', 'finished'],
    shown: 'status',
    help: 'wait until the job is running (default) or finished',
  },
  /**
   * What to do with a job that is up or starting: send the request, which ModelArts refuses (`fail`,
   * the default), wait for the job without a request (`attach`), or stop it first (`stop`).
   */
  ifRunning: {
    kind: 'choice',
    choices: ['fail', 'attach', 'stop'],
    shown: 'what',
    help: 'a job that is up or starting: let ModelArts refuse (default), wait for it, or stop it first',
  },
  /** What a cancellation does: leaves the job alone (default), or stops it and waits until it is down. */
  onCancel: {
    kind: 'choice',
    choices: ['leave', 'stop'],
    shown: 'what',
    help: 'on cancellation leave the job as it is (default), or stop it',
  },
  /** The limit for the whole restart, from start to outcome: a duration of 1s–7d, default `"30m"`. */
  timeout: {
    kind: 'duration',
    default: '30m',
    min: '1s',
    max: '7d',
    help: 'the longest time from start to outcome',
  },
  /** The longest time between two looks: a duration of 1s–10m, default `"5s"`. */
  pollInterval: {
    kind: 'duration',
    default: '5s',
    min: '1s',
    max: '10m',
    help: 'the longest time between two looks',
  },
  /** How long after the request an unchanged status counts as an old reading: 0s–10m, default `"60s"`. */
  settleTime: {
    kind: 'duration',
    default: '60s',
    min: '0s',
    max: '10m',
    help: 'how long to distrust an unchanged status after the request',
  },
  /** What to do if the answer to the request got lost: end as `unknown` (default), or ask once more. */
  ifUnknown: {
    kind: 'choice',
    choices: ['fail', 'repeat'],
    shown: 'what',
    help: 'where it can’t be known whether ModelArts took the request: fail (default), or ask once more',
  },
  /** Only recorded; at most 200 characters. */
  reason: { kind: 'text', longest: 200, help: 'recorded with the restart' },
  /** Only recorded; at most 200 characters. */
  requestedBy: { kind: 'text', longest: 200 },
} as const satisfies Record<string, Row>;

type Options = typeof OPTIONS;
export type OptionKey = keyof Options;

/** The keys of one kind. */
export type KeyOf<Kind extends Row['kind']> = {
  [K in OptionKey]: Options[K]['kind'] extends Kind ? K : never;
}[OptionKey];

export type Choice<K extends KeyOf<'choice'>> = Options[K]['choices'][number];

/** What a restart waits for. */
export type Until = Choice<'until'>;

type Given<K extends OptionKey> =
  K extends KeyOf<'choice'>
    ? Choice<K>
    : K extends KeyOf<'text' | 'project-id'>
      ? string
      : string | number;

/** What a caller gives to `restartVisualizationJob`. A bare job id stands for `{ jobId }`. */
export type RestartInput = {
  -readonly [K in keyof Options as K extends 'jobId' ? K : never]: Given<K>;
} & {
  -readonly [K in keyof Options as K extends 'jobId' ? never : K]?: Given<K>;
};

/** A complete input: every default filled in, every duration in milliseconds. */
export type RestartOptions = {
  jobId: string;
  /** Absent if the caller named none; then the worker's project applies. */
  projectId?: string;
} & { [K in KeyOf<'choice'>]: Choice<K> } & { [K in KeyOf<'duration'> as `${K}Ms`]: number } & {
  [K in KeyOf<'text'>]?: string;
};

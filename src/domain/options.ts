/** What a caller gives to `restartVisualizationJob`. A bare job id stands for `{ jobId }`. */
export interface RestartInput {
  /** 1–19 digits without a leading zero, or a safe integer. */
  jobId: string | number;
  /** 32 lower-case letters and digits; default the worker's. */
  projectId?: string;
  /** What the restart waits for: status 8 (`running`, the default) or status 10 (`finished`). */
  until?: 'running' | 'finished';
  /** A job that is up or starting: let ModelArts refuse (`fail`, the default), wait for it without a request, or stop it first. */
  ifRunning?: 'fail' | 'attach' | 'stop';
  /** On cancellation leave the job alone (default), or stop it and wait until it is down. */
  onCancel?: 'leave' | 'stop';
  /** The whole of it, from start to outcome: a duration of 1s–7d, default `"30m"`. */
  timeout?: string | number;
  /** The longest time between two looks: a duration of 1s–10m, default `"5s"`. */
  pollInterval?: string | number;
  /** How long an unchanged status after the request is taken for an old reading: 0s–10m, default `"60s"`. */
  settleTime?: string | number;
  /** When it can't be known whether the request was taken: end as `unknown` (default), or ask once more. */
  ifUnknown?: 'fail' | 'repeat';
  /** Recorded, nothing else; at most 200 characters. */
  reason?: string;
  /** Recorded, nothing else; at most 200 characters. */
  requestedBy?: string;
}

/** A complete request: every default filled in, every duration in milliseconds. */
export interface RestartOptions {
  jobId: string;
  /** Absent where the caller named none: then it is the worker's. */
  projectId?: string;
  until: 'running' | 'finished';
  ifRunning: 'fail' | 'attach' | 'stop';
  onCancel: 'leave' | 'stop';
  timeoutMs: number;
  pollIntervalMs: number;
  settleTimeMs: number;
  ifUnknown: 'fail' | 'repeat';
  reason?: string;
  requestedBy?: string;
}

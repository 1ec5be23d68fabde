import type { AuthenticateOptions } from './authenticate.js';
import type { IamOptions } from './iam.js';
import type { AgencyOptions } from './metadata.js';
import type { FaultHandle, FaultSpec } from './fault.js';
import type { JobSpec, JobView, TimelineStep } from './job.js';
import type { Quirks } from './quirks.js';
import type { RateLimit } from './rate-limit.js';
import type { LoggedRequest } from './request-log.js';

export interface SimulatorOptions {
  /** Default: a free one. */
  port?: number;
  /** Default: `0123456789abcdef0123456789abcdef`. */
  projectId?: string;
  quirks?: Partial<Quirks>;
  /** Default: accepts every request, whatever its credentials; the log shows them. */
  authenticate?: AuthenticateOptions;
  /** Plays IAM under `/v3`; its tokens are taken if `authenticate` is given. Default: no IAM. */
  iam?: IamOptions;
  /** Plays the metadata service of a node with an agency. Default: none. */
  agency?: AgencyOptions;
  /** Default: none. */
  rateLimits?: readonly RateLimit[];
}

/**
 * A simulated ModelArts, which misbehaves on demand.
 *
 * Methods that look up a job by its id throw if there is no such job.
 */
export interface Simulator {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly projectId: string;
  /** Adds a job. Replaces one with the same id, its counts included. */
  addJob(job: JobSpec): void;
  /** Returns the true state of a job. */
  job(jobId: string): JobView;
  /** Returns all jobs, in the order in which they were added. */
  jobs(): JobView[];
  /** Moves the job without a request; ends a running timeline, and stale readings. */
  setStatus(jobId: string, status: number): void;
  /** Sets how the job moves after each request that is accepted from now on. */
  setTimeline(jobId: string, which: 'restart' | 'stop', steps: readonly TimelineStep[]): void;
  fault(spec: FaultSpec): FaultHandle;
  /** Ends the tokens that IAM gave and the keys that the metadata service gave so far. */
  endCredentials(): void;
  /** Replaces the gateway's rate limits, and forgets the calls that counted towards them. */
  setRateLimits(limits: readonly RateLimit[]): void;
  /** Returns the requests so far, in order, without those of the control API. */
  requests(filter?: { jobId?: string; operation?: LoggedRequest['operation'] }): LoggedRequest[];
  /** Returns how many restarts were carried out, whatever the client was told. */
  acceptedRestarts(jobId: string): number;
  /** Forgets requests and faults; keeps jobs and their counts, and rate limits. */
  clear(): void;
  /** Stops listening, and ends all connections at once. */
  close(): Promise<void>;
}

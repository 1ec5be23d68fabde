import type { AuthenticateOptions } from './authenticate.js';
import type { FaultHandle, FaultSpec } from './fault.js';
import type { JobSpec, JobView, TimelineStep } from './job.js';
import type { Quirks } from './quirks.js';
import type { LoggedRequest } from './request-log.js';

export interface SimulatorOptions {
  /** Default: a free one. */
  port?: number;
  /** Default: `0123456789abcdef0123456789abcdef`. */
  projectId?: string;
  quirks?: Partial<Quirks>;
  /** Default: everybody may call; what they sent is in the log. */
  authenticate?: AuthenticateOptions;
}

/** A ModelArts that behaves, or misbehaves as told. A job that it does not have is an error. */
export interface Simulator {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly projectId: string;
  /** A job with that id is replaced, its counts included. */
  addJob(job: JobSpec): void;
  /** The job as it really is at the moment. */
  job(jobId: string): JobView;
  /** All jobs, in the order in which they were added. */
  jobs(): JobView[];
  /** Somebody outside moves the job; ends a timeline that runs, and old readings. */
  setStatus(jobId: string, status: number): void;
  /** What requests that are accepted from now on make of the job. */
  setTimeline(jobId: string, which: 'restart' | 'stop', steps: readonly TimelineStep[]): void;
  fault(spec: FaultSpec): FaultHandle;
  /** The requests that came so far, in order; those of the control API are not among them. */
  requests(filter?: { jobId?: string; operation?: LoggedRequest['operation'] }): LoggedRequest[];
  /** How many restarts were really carried out, whatever the client was told. */
  acceptedRestarts(jobId: string): number;
  /** Forgets requests and faults; jobs and their counts stay. */
  clear(): void;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

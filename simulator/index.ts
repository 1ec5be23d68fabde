export type { AuthenticateOptions } from './authenticate.js';
export type { Fault, FaultHandle, FaultSpec, Operation } from './fault.js';
export type { JobSpec, JobView, TimelineStep } from './job.js';
export type { RateLimit } from './rate-limit.js';
export type { LoggedRequest } from './request-log.js';
export { startSimulator } from './start-simulator.js';
export type { Simulator, SimulatorOptions } from './simulator.js';
export type { IamOptions } from './iam.js';
export type { AgencyOptions } from './metadata.js';

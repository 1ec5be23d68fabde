export type { AuthenticateOptions } from './authenticate.js';
export type { Fault, FaultHandle, FaultKind, FaultSpec, Operation } from './fault.js';
export type { JobSpec, JobView, Timelines, TimelineStep } from './job.js';
export type { Quirks } from './quirks.js';
export type { LoggedRequest } from './request-log.js';
export { startSimulator } from './start-simulator.js';
export type { Simulator, SimulatorOptions } from './simulator.js';

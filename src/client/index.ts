export { cancelBatch, describeBatch, followBatch, startBatch } from './batches.js';
export type { BatchDescription, BatchKey, StartedBatch } from './batches.js';
export { cancelRestart } from './cancel-restart.js';
export type { CanceledRestart, CancelOptions } from './cancel-restart.js';
export { createBatchSchedule, createRestartSchedule } from './create-schedule.js';
export type { CreatedSchedule, ScheduleChange, ScheduleOptions } from './create-schedule.js';
export { describeRestart } from './describe-restart.js';
export type { DescribeOptions, RestartDescription, RestartKey } from './describe-restart.js';
export {
  InvalidInputError,
  NotAcceptedYetError,
  NoWorkerError,
  RestartError,
  RestartNotFoundError,
  RestartScheduleNotFoundError,
  TemporalRefusedError,
  TemporalUnreachableError,
} from './errors.js';
export { followRestart } from './follow-restart.js';
export type { FollowOptions, FollowTarget } from './follow-restart.js';
export { findBatch, listBatches } from './list-batches.js';
export type { ListedBatch } from './list-batches.js';
export { listRestarts, restartsUnderWay } from './list-restarts.js';
export type { ListedRestart, ListFilter, RestartUnderWay } from './list-restarts.js';
export type { BatchOfRestart } from './batch-of-restart.js';
export { createNexusEndpoint, nexusEndpoint } from './set-up.js';
export type { NexusTarget } from './set-up.js';
export {
  deleteRestartSchedule,
  describeRestartSchedule,
  listRestartSchedules,
  pauseRestartSchedule,
  resumeRestartSchedule,
  triggerRestartSchedule,
} from './schedules.js';
export type { ScheduleTimes } from './schedule-times.js';
export type { ListedSchedule, ScheduleDetails, ScheduleKey } from './schedules.js';
export { registerSearchAttributes, searchAttributeState } from './set-up.js';
export type { SearchAttributeState } from './set-up.js';
export { openRestart, startRestart } from './start-restart.js';
export type { OpenedRestart, OpenOptions, StartedRestart, StartOptions } from './start-restart.js';
export { seenWorkers } from './workers.js';
export type { SeenWorker, SeenWorkers } from './workers.js';
export type { ServiceError } from '../domain/answer.js';
export type { BatchInput, JobSelection } from '../domain/batch-options.js';
export type {
  BatchCounts,
  BatchOutcome,
  BatchPhase,
  BatchProgress,
  JobFailure,
  JobOutcome,
  JobOutcomeName,
} from '../domain/batch-outcome.js';
export type {
  ExtendedDeadline,
  OutcomeName,
  Phase,
  RestartAccepted,
  RestartOutcome,
  RestartProgress,
  Transition,
} from '../domain/outcome.js';
export type { RestartInput } from '../domain/options.js';
export { batchId, restartId } from '../domain/ids.js';
export type { Status } from '../domain/status.js';
export { DEFAULT_NEXUS_ENDPOINT, DEFAULT_TASK_QUEUE } from '../names.js';
export type { BatchWorkflow, RestartWorkflow } from '../workflows/messages.js';

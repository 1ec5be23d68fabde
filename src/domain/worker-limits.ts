import type { RestartOptions } from './options.js';

/** Why an input without a project is refused. `why`: what keeps the worker from learning its default project. */
export function noProject(why?: string): string {
  const reason = why === undefined ? '' : ` (${why.replace(/\.$/, '')})`;
  return `projectId is missing, and the worker has no default project${reason}: give projectId, or set the worker’s HW_PROJECT_ID`;
}

/** What the worker's operator allows an input to ask for. Absent keys allow everything. */
export interface WorkerLimits {
  /** The projects whose jobs may be restarted. */
  allowedProjects?: readonly string[];
  /** `false`: no job may be stopped. */
  allowStop?: boolean;
}

/** Whether jobs of this project may be restarted. */
export function isProjectAllowed({ allowedProjects }: WorkerLimits, projectId: string): boolean {
  return allowedProjects === undefined || allowedProjects.includes(projectId);
}

/** The problems of an input that asks for more than the worker allows. */
export function forbiddenBy(
  limits: WorkerLimits,
  asked: { projectId: string } & Partial<Pick<RestartOptions, 'ifRunning' | 'onCancel'>>,
): string[] {
  const stops = (['ifRunning', 'onCancel'] as const).filter((key) => asked[key] === 'stop');
  return [
    ...(isProjectAllowed(limits, asked.projectId) ? [] : [projectNotAllowed(asked.projectId)]),
    ...(limits.allowStop === false ? stops.map(stopNotAllowed) : []),
  ];
}

export function projectNotAllowed(projectId: string): string {
  return `projectId must be one that the worker’s MODELARTS_ALLOWED_PROJECTS names; got "${projectId}"`;
}

function stopNotAllowed(key: string): string {
  return `${key} must not be "stop": the worker’s MODELARTS_ALLOW_STOP forbids stops`;
}

import type { SimulatedJob } from './job.js';
import { jobJson } from './job-json.js';
import { listJobs, type Page } from './list-jobs.js';
import type { Quirks } from './quirks.js';
import { modelartsError, type Reply } from './reply.js';
import type { Route } from './route.js';

/** ModelArts without the gateway in front of it. */
export interface Service {
  /** Job id → job. */
  jobs: ReadonlyMap<string, SimulatedJob>;
  quirks: Quirks;
}

const QUOTA = 100;

/**
 * Carries out a request. `carriedOut` is true if a restart or a stop was accepted.
 *
 * `shown` maps a job id, or `*` for all other jobs, to the status that a fault shows.
 */
export function carryOut(
  { jobs, quirks }: Service,
  route: Route,
  shown: ReadonlyMap<string, number>,
  now = Date.now(),
): { reply: Reply; carriedOut: boolean } {
  const shownFor = (job: SimulatedJob) => shown.get(job.id) ?? shown.get('*');
  if (route.operation === 'list') {
    return { reply: list({ jobs, quirks }, route, shownFor, now), carriedOut: false };
  }
  const job = jobs.get(route.jobId);
  if (job === undefined || job.projectId !== route.projectId) {
    return { reply: unknownJob(quirks, route), carriedOut: false };
  }
  if (route.operation === 'detail') {
    const extra = job.quirks.isSuccessOnDetail ? { is_success: true } : {};
    return {
      reply: { status: 200, body: jobJson(job, shownFor(job), now, extra) },
      carriedOut: false,
    };
  }
  const refusedFor = job.request(route.operation, now);
  if (refusedFor === undefined) {
    return { reply: { status: 200, body: '{"is_success":true}' }, carriedOut: true };
  }
  const verb = route.operation === 'restart' ? 'resubmit' : 'stop';
  const text = `This job can't be ${verb}. job status: ${refusedFor}`;
  return {
    reply: modelartsError(job.quirks.refusalHttpStatus, 'ModelArts.0105', text, job.quirks),
    carriedOut: false,
  };
}

/** The 404 for a job that does not exist. */
export function unknownJob(quirks: Quirks, route: Route): Reply {
  const hasIsSuccess = route.operation !== 'detail' || quirks.isSuccessOnDetail;
  return modelartsError(404, 'ModelArts.0015', 'The job does not exist.', quirks, hasIsSuccess);
}

/** Returns the requested page of the list, or `undefined` if a parameter is out of range. */
export function pageOf({ jobs, quirks }: Service, route: Route, now: number): Page | undefined {
  const ofProject = [...jobs.values()].filter(({ projectId }) => projectId === route.projectId);
  return listJobs(ofProject, route.query, quirks, now);
}

function list(
  service: Service,
  route: Route,
  shownFor: (job: SimulatedJob) => number | undefined,
  now: number,
): Reply {
  const page = pageOf(service, route, now);
  if (page === undefined) {
    return modelartsError(400, 'ModelArts.0104', 'Parameter error.', service.quirks);
  }
  const head = JSON.stringify({
    is_success: true,
    quotas: QUOTA,
    job_total_count: page.total,
    job_count_limit: Math.max(0, QUOTA - service.jobs.size),
  });
  const rows = page.jobs.map((job) => jobJson(job, shownFor(job), now));
  return { status: 200, body: `${head.slice(0, -1)},"jobs":[${rows.join(',')}]}` };
}

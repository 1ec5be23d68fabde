import type { SimulatedJob } from './job.js';

/**
 * Returns a job as JSON, as detail and list show it; the fields of `extra` follow the id.
 *
 * Writes the id by hand, because its digits may exceed what a JavaScript number can hold.
 */
export function jobJson(
  job: SimulatedJob,
  shown: number | undefined,
  now: number,
  extra: Record<string, unknown> = {},
): string {
  const reading = job.shownAt(now);
  const status = shown ?? reading.status;
  const fields = JSON.stringify({
    ...extra,
    job_name: job.name,
    job_desc: job.description,
    status: job.quirks.statusAs === 'number' ? status : String(status),
    create_time: job.createdAt,
    duration: status === 8 ? now - reading.at : 0,
    service_url: status === 8 ? serviceUrl(job) : '',
    train_url: `/example-bucket/${job.name}/logs/`,
    resource_id: uuidLike(job.hash),
    remaining_duration: null,
  });
  const id = job.quirks.jobIdAs === 'number' ? job.id : `"${job.id}"`;
  return `{"job_id":${id},${fields.slice(1)}`;
}

function serviceUrl(job: SimulatedJob): string {
  return `https://console.example.com/modelarts/tensorboard/${job.hash.slice(0, 16)}/${job.id}/`;
}

function uuidLike(hash: string): string {
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

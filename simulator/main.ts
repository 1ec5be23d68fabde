import { parseArgs } from 'node:util';
import { statusOf } from '../src/domain/status.js';
import { CONTROL_PATH } from './control.js';
import type { JobSpec } from './job.js';
import { startSimulator } from './start-simulator.js';

const DEFAULT_PORT = 8790;

/** One job for each way in which a restart can go. */
const SAMPLE_JOBS: JobSpec[] = [
  { jobId: '10', status: 12, name: 'comes-up' },
  { jobId: '11', status: 8, name: 'is-up' },
  { jobId: '12', status: 11, name: 'fails-again', timelines: { restart: steps(7, 4, 11) } },
  {
    jobId: '13',
    status: 10,
    name: 'takes-its-time',
    timelines: { restart: slow(15_000, 7, 4, 8) },
  },
  { jobId: '14', status: 12, name: 'never-moves', timelines: { restart: [] } },
  { jobId: '15', status: 7, name: 'is-waiting' },
  { jobId: '9007199254740993', status: 13, name: 'long-id' },
];

const port = portOf(process.argv.slice(2), process.env);
if (port === undefined) {
  console.error('Usage: simulator [--port 0-65535], or SIMULATOR_PORT in the environment');
  process.exitCode = 2;
} else {
  const simulator = await startSimulator({ port });
  for (const job of SAMPLE_JOBS) simulator.addJob(job);
  const jobs = simulator.jobs().map(({ jobId, status }) => `${jobId} ${statusOf(status).name}`);
  console.log(
    `ModelArts simulator: MODELARTS_ENDPOINT=${simulator.url} HW_PROJECT_ID=${simulator.projectId}` +
      ` · jobs ${jobs.join(', ')} · steer it under ${simulator.url}${CONTROL_PATH}`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void simulator.close());
  }
}

/** Returns the port of the flag, else of the environment; `undefined` if it is not a port. */
function portOf(args: string[], env: NodeJS.ProcessEnv): number | undefined {
  try {
    const { values } = parseArgs({ args, options: { port: { type: 'string' } } });
    const text = values.port ?? (env['SIMULATOR_PORT'] || String(DEFAULT_PORT));
    return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

function steps(...statuses: number[]) {
  return slow(1000, ...statuses);
}

function slow(everyMs: number, ...statuses: number[]) {
  return statuses.map((status, i) => ({ afterMs: i * everyMs, status }));
}

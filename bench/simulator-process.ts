import type { FaultSpec, JobSpec, JobView, LoggedRequest, RateLimit } from '../simulator/index.js';
import type { Kit } from './kit.js';

/** The simulator in a process of its own, steered over its control API. */
export class SimulatorProcess {
  private constructor(
    readonly url: string,
    readonly projectId: string,
    readonly pid: number,
  ) {}

  static async start(kit: Kit): Promise<SimulatorProcess> {
    const says = /MODELARTS_ENDPOINT=(\S+) HW_PROJECT_ID=(\S+)/;
    const child = kit.startSimulator();
    kit.atEnd(() => child.close());
    await child.says(says);
    const [, url = '', projectId = ''] = says.exec(child.output()) ?? [];
    return new SimulatorProcess(url, projectId, child.pid);
  }

  /** The same simulator, for a measurement with a project of its own. */
  ofProject(projectId: string): SimulatorProcess {
    return new SimulatorProcess(this.url, projectId, this.pid);
  }

  async addJob(job: JobSpec): Promise<void> {
    await this.#call('POST', 'jobs', { projectId: this.projectId, ...job });
  }

  /** Returns the jobs of the project. */
  async jobs(): Promise<JobView[]> {
    const all = (await this.#call('GET', 'jobs')) as JobView[];
    return all.filter(({ projectId }) => projectId === this.projectId);
  }

  /** Replaces the gateway's rate limits. */
  async setRateLimits(limits: readonly RateLimit[]): Promise<void> {
    await this.#call('POST', 'rate-limits', limits);
  }

  async setStatus(jobId: string, status: number): Promise<void> {
    await this.#call('POST', `jobs/${jobId}/status`, { status });
  }

  /** Installs a fault that strikes every matching request from now on. */
  async fault(spec: FaultSpec): Promise<void> {
    await this.#call('POST', 'faults', { ...spec, times: null });
  }

  /** Returns the requests for the project that arrived from `from` until `to`, in order. */
  async requests(from: number, to = Infinity): Promise<LoggedRequest[]> {
    const all = (await this.#call('GET', 'requests')) as LoggedRequest[];
    const ofProject = `/v1/${this.projectId}/`;
    return all.filter(({ at, path }) => at >= from && at < to && path.startsWith(ofProject));
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/_simulator/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  }
}

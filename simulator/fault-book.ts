import type { FaultHandle, FaultSpec, Operation, PlatformOperation } from './fault.js';
import { FAULT_KINDS, OPERATIONS, PLATFORM_OPERATIONS } from './fault.js';

interface Entry {
  readonly spec: FaultSpec;
  seen: number;
  fired: number;
}

/** The faults that strike one request. */
export interface Struck {
  fault?: FaultSpec;
  /** Job id, or `*` for all other jobs → the status that the answer shows. */
  shown: Map<string, number>;
}

/** The installed faults, oldest first. */
export class FaultBook {
  #entries: Entry[] = [];

  install(spec: FaultSpec): FaultHandle {
    const operations: readonly string[] = [...OPERATIONS, ...PLATFORM_OPERATIONS];
    if (!FAULT_KINDS.includes(spec.kind) || !operations.includes(spec.operation)) {
      throw new TypeError(`No such fault or operation: ${JSON.stringify(spec)}`);
    }
    if (spec.kind === 'show-status' && !['detail', 'list'].includes(spec.operation)) {
      throw new TypeError(`Only detail and list show a status: ${JSON.stringify(spec)}`);
    }
    const entry: Entry = { spec: { ...spec }, seen: 0, fired: 0 };
    this.#entries.push(entry);
    return {
      get fired() {
        return entry.fired;
      },
      remove: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    };
  }

  /**
   * Counts the request, and returns the faults that strike it. `concerns` tells whether the request
   * is about a job.
   */
  take(operation: Operation | PlatformOperation, concerns: (jobId: string) => boolean): Struck {
    const struck: Struck = { shown: new Map() };
    for (const entry of this.#entries) {
      const { spec } = entry;
      if (spec.operation !== operation) continue;
      if (spec.jobId !== undefined && !concerns(spec.jobId)) continue;
      entry.seen += 1;
      if (entry.seen <= (spec.after ?? 0) || entry.fired >= (spec.times ?? 1)) continue;
      if (spec.kind === 'show-status' && operation === 'list') {
        const row = spec.jobId ?? '*';
        if (struck.shown.has(row)) continue;
        struck.shown.set(row, spec.status);
      } else {
        if (struck.fault !== undefined) continue;
        struck.fault = spec;
        if (spec.kind === 'show-status') struck.shown.set('*', spec.status);
      }
      entry.fired += 1;
    }
    return struck;
  }

  clear(): void {
    this.#entries = [];
  }
}

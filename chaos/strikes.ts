import type { LoggedRequest, Operation } from '../simulator/index.js';
import type { Crew } from './crew.js';
import type { OwnMoves } from './own-moves.js';
import type { Run } from './run.js';
import type { Struck } from './scale.js';
import { SERVICE_FAULTS, type ServiceFaults } from './service-faults.js';
import type { TemporalServer } from './temporal-server.js';
import type { Truth } from './truth.js';

const OPERATIONS = ['detail', 'list', 'restart', 'stop'] as const;

/** How often each fault struck, in all and by operation. */
export interface Strikes {
  struck: Struck;
  /** Rows of a table: the fault, then how often it struck each operation. */
  byOperation: string[][];
}

export function countStrikes(of: {
  crew: Crew;
  server: TemporalServer;
  faults: ServiceFaults;
  moves: OwnMoves;
  runs: readonly Run[];
}): Strikes {
  const { crew, server, faults, moves, runs } = of;
  const truths = new Set(runs.map(({ truth }) => truth));
  const pages = faults.simulator.requests({ operation: 'list' });
  const old = [...truths].reduce((sum, truth) => sum + oldReadings(truth, pages), 0);
  const received = (operation: Operation): number =>
    faults.simulator.requests({ operation }).length;
  return {
    struck: {
      workersKilled: crew.kills.length,
      serverKilled: server.kills,
      requestsLost: faults.struck('request lost'),
      answersLost: faults.struck('answer lost'),
      throttled: faults.struck('throttled'),
      throttledWithRetryAfter: faults.struck('throttled, Retry-After'),
      staleReadings: old + moves.wentBack,
      listsStruck: faults.onOperation('list'),
      restartsStruck: faults.onOperation('restart'),
      stopsStruck: faults.onOperation('stop'),
    },
    byOperation: [
      ['requests', ...OPERATIONS],
      ['received', ...OPERATIONS.map((operation) => String(received(operation)))],
      ...SERVICE_FAULTS.map((name) => [
        name,
        ...OPERATIONS.map((operation) => String(faults.struck(name, operation))),
      ]),
    ],
  };
}

/** Counts looks and pages of the list that showed the status from before a request that had been taken. */
function oldReadings(truth: Truth, pages: readonly LoggedRequest[]): number {
  const { job, requests, restartsTaken, stopsTaken } = truth;
  const taken = [...restartsTaken, ...stopsTaken];
  const looks = requests.filter(({ operation }) => operation === 'detail');
  return [...looks, ...pages].filter(
    ({ outcome, at }) =>
      outcome === 200 && taken.some((takenAt) => at > takenAt && at < takenAt + job.staleMs),
  ).length;
}

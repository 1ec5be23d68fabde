import { Callers } from './callers.js';
import { fetchRuns, runsOf, untilAllEnded, type Told } from './collect.js';
import { wreakHavoc } from './havoc.js';
import type { ChaosKit } from './kit.js';
import { OwnMoves } from './own-moves.js';
import { planOf } from './plan.js';
import type { Run } from './run.js';
import { setScene } from './scene.js';
import { slowedDown, type Scale } from './scale.js';
import { ServiceFaults } from './service-faults.js';
import { countStrikes, type Strikes } from './strikes.js';
import type { LoggedRequest } from '../simulator/index.js';

/** All that is known once everything has ended. */
export interface Aftermath {
  runs: Run[];
  told: Told[];
  /** Ids of workflows that were started but that Temporal does not know. */
  missing: string[];
  stillRunning: number;
  strikes: Strikes;
  /** What the workers printed. */
  log: string[];
  /** The last lines of each worker that ended without being killed. */
  deserters: string[];
  requests: LoggedRequest[];
  seconds: number;
}

/** How long workers that start together need on two free cores. A busy machine needs longer. */
const USUAL_START_UP_MS = 2_500;
/** A run is slowed down by this factor at most, so that its duration stays bounded. */
const SLOWEST = 3;

/**
 * Restarts jobs while everything fails, and collects what became of them. Ends all that it started.
 */
export async function wreakChaos(kit: ChaosKit, usual: Scale, seed: number): Promise<Aftermath> {
  const beganAt = Date.now();
  const closing: (() => Promise<void> | void)[] = [];
  try {
    const scene = await setScene(kit, usual.workers, closing);
    const { simulator, server, crew, client, startUpMs } = scene;
    const times = Math.min(SLOWEST, Math.max(1, startUpMs / USUAL_START_UP_MS));
    const scale = slowedDown(usual, times);
    const plan = planOf(seed, scale);
    for (const { spec } of plan.jobs) simulator.addJob(spec);
    const faults = new ServiceFaults(simulator, scale);
    faults.install(plan);
    const moves = new OwnMoves(simulator, plan, scale);
    closing.push(() => moves.close());
    const callers = new Callers(client);
    closing.push(() => callers.close());
    const calling = callers.call(plan);
    // Prevents an unhandled rejection: `calling` is awaited only once the faults are over.
    calling.catch(() => undefined);
    const seconds = Math.round(scale.faultsMs / 1_000);
    const slow =
      times > 1 ? `; everything takes ${times.toFixed(1)} times as long on this machine` : '';
    kit.say(`${scale.restarts} restarts, and ${seconds} s of faults${slow}`);
    await wreakHavoc({ crew, server }, scale, seed, Date.now() + scale.faultsMs);
    faults.remove();
    const world = { workerKills: crew.kills, calmSince: Date.now() };
    kit.say('The faults are over; waiting until all restarts have ended');
    await calling;
    const stillRunning = await untilAllEnded(client, scale.patienceMs, (line) => kit.say(line));
    kit.say('Judging them by the simulator’s log');
    const told = await fetchRuns(client);
    moves.close();
    const runs = runsOf(told, plan, simulator, moves.made, world);
    const ids = new Set(told.map(({ workflowId }) => workflowId));
    return {
      runs,
      told,
      missing: plan.starts.map(({ workflowId }) => workflowId).filter((id) => !ids.has(id)),
      stillRunning,
      strikes: countStrikes({ crew, server, faults, moves, runs }),
      log: crew.lines(),
      deserters: crew.deserters,
      requests: simulator.requests(),
      seconds: (Date.now() - beganAt) / 1_000,
    };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

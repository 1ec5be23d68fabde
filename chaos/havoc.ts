import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../proof/random.js';
import type { Crew } from './crew.js';
import { between } from './plan.js';
import type { Scale } from './scale.js';
import type { TemporalServer } from './temporal-server.js';

/** Kills workers and the server at random instants until `untilMs`, and leaves both running. */
export async function wreakHavoc(
  { crew, server }: { crew: Crew; server: TemporalServer },
  scale: Scale,
  seed: number,
  untilMs: number,
): Promise<void> {
  const beganAt = Date.now();
  const ofWorkers = new Random(seed * 31 + 7);
  const ofServer = new Random(seed * 37 + 11);
  const workers = async (): Promise<void> => {
    while (await isStillOn(between(ofWorkers, scale.killWorkerEvery), untilMs)) {
      const sinceMs = Date.now() - beganAt;
      if (sinceMs >= scale.quiet[0] && sinceMs < scale.quiet[1]) continue;
      await crew.killOne(ofWorkers);
    }
  };
  const temporal = async (): Promise<void> => {
    while (await isStillOn(between(ofServer, scale.killServerEvery), untilMs)) {
      await server.kill();
      await sleep(between(ofServer, scale.serverAway));
      await server.start();
    }
  };
  await Promise.all([workers(), temporal()]);
}

async function isStillOn(pauseMs: number, untilMs: number): Promise<boolean> {
  const leftMs = Math.max(0, untilMs - Date.now());
  await sleep(Math.min(pauseMs, leftMs));
  return pauseMs < leftMs;
}

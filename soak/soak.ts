import { setTimeout as sleep } from 'node:timers/promises';
import type { ChaosKit } from '../chaos/kit.js';
import { imageEnvironment } from '../bench/image-environment.js';
import { planOf } from '../chaos/plan.js';
import { FULL, type Scale } from '../chaos/scale.js';
import { setScene } from '../chaos/scene.js';
import { ServiceFaults } from '../chaos/service-faults.js';
import { watch, type Sample } from './usage.js';
import { runWave, type Wave } from './wave.js';

export interface SoakOptions {
  /** For how long restarts are started. */
  minutes: number;
  seed: number;
}

/** All that is known once everything has ended. */
export interface Aftermath {
  waves: Wave[];
  samples: Sample[];
  /** When the restarts began. */
  beganAt: number;
  /** What the worker printed. */
  log: string[];
  /** The last lines of each worker that ended by itself. */
  deserters: string[];
}

const SAY_EVERY_MS = 120_000;

/** A wave starts its restarts within this time; then the next wave begins. */
const WAVE_MS = 20_000;

/**
 * Some restarts a second, all of them shorter than two minutes. One in twenty requests fails: 2 % are lost,
 * for 2 % the answer is lost, 1 % are throttled.
 */
const SCALE: Scale = {
  ...FULL,
  restarts: 20,
  startsMs: WAVE_MS,
  workers: 1,
  timeout: [30_000, 90_000],
  pollInterval: [1_000, 2_000],
  settleTime: [3_000, 6_000],
  comesUp: [500, 20_000],
  lost: 0.02,
  throttled: 0.01,
  answeredLate: 0,
  cancelAndStopAfter: [0, 20_000],
};

/** Runs restarts on a real Temporal server for some minutes, without a pause. Ends all that it started. */
export async function soakFor(kit: ChaosKit, { minutes, seed }: SoakOptions): Promise<Aftermath> {
  const closing: (() => Promise<void> | void)[] = [];
  const over = new AbortController();
  try {
    const { simulator, crew, client } = await setScene(
      kit,
      SCALE.workers,
      closing,
      await imageEnvironment(),
    );
    new ServiceFaults(simulator, SCALE).strikeLists(seed);
    const plans = Array.from({ length: (minutes * 60_000) / WAVE_MS }, (_, nth) =>
      planOf(seed * 10_007 + nth, SCALE, 1_000_000 + nth * SCALE.restarts),
    );
    // All of them now, because the worker reads the list: one that grows would take more memory each minute.
    for (const { spec } of plans.flatMap(({ jobs }) => jobs)) simulator.addJob(spec);

    const beganAt = Date.now();
    const samples: Sample[] = [];
    const watching = watch(() => crew.members.at(-1)?.pid, samples, over.signal);
    const waves: Promise<Wave>[] = [];
    for (const [nth, plan] of plans.entries()) {
      const wave = runWave({ simulator, client }, plan, SCALE);
      // Prevents an unhandled rejection: the waves are awaited once all have begun.
      wave.catch(() => undefined);
      waves.push(wave);
      if (nth > 0 && nth % (SAY_EVERY_MS / WAVE_MS) === 0) {
        const megabytes = Math.round((samples.at(-1)?.rssKb ?? 0) / 1_000);
        const minute = (nth * WAVE_MS) / 60_000;
        kit.say(`${minute} of ${minutes} minutes; the worker has ${megabytes} MB`);
      }
      await sleep(Math.max(0, beganAt + (nth + 1) * WAVE_MS - Date.now()));
    }
    over.abort();
    await watching;
    kit.say('Waiting until the last restarts have ended');
    const ended = await Promise.all(waves);
    const { deserters } = crew;
    return { waves: ended, samples, beganAt, log: crew.lines(), deserters };
  } finally {
    over.abort();
    for (const close of closing.reverse()) await close();
  }
}

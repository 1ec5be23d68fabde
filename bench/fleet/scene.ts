import type { Kit } from '../kit.js';
import { jobIds } from '../restarts.js';
import { onOneself, setStage, type Server, type Stage } from '../stage.js';

/** What a part of the benchmark works with: a simulator of its own, and a server that it shares. */
export interface Scene {
  kit: Kit;
  stage: Stage;
  /** As many as the part has been given. None of them is known to the simulator yet. */
  ids: readonly string[];
  /** How many times faster than in reality the time of a limited gateway passes. */
  scale: number;
}

/** Sets a scene, lets `work` play in it, and ends all that was started for it. */
export async function onScene<T>(
  kit: Kit,
  server: Server,
  { jobs, scale }: { jobs: number; scale: number },
  work: (scene: Scene) => Promise<T>,
): Promise<T> {
  const closing: (() => Promise<void>)[] = [];
  const own: Kit = {
    ...kit,
    atEnd(close) {
      let closed: Promise<void> | undefined;
      const once = (): Promise<void> => (closed ??= close());
      closing.push(once);
      // The whole benchmark may be interrupted.
      kit.atEnd(once);
    },
  };
  try {
    const stage = onOneself(await setStage(own, server));
    return await work({ kit: own, stage, ids: jobIds(jobs), scale });
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

/**
 * Loaded before a program (`node --import`): says on standard error when the program begins to handle SIGTERM, and
 * how many CommonJS modules, such as Temporal's, it has loaded until then.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { cache } = createRequire(import.meta.url);

if (isMainThread) {
  process.on('newListener', (name) => {
    if (name !== 'SIGTERM') return;
    const loaded = Object.keys(cache).length;
    // The event comes before the listener is there.
    process.nextTick(() => writeSync(2, `handles SIGTERM, modules loaded: ${loaded}\n`));
  });
}

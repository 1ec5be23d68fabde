import { listenToSignals } from './exit.js';

// Comes first, because the rest takes most of a second to load, and a signal may come meanwhile.
const stopping = listenToSignals();
const leave = (): never => process.exit(0);
if (stopping.aborted) leave();
stopping.addEventListener('abort', leave);
const { runWorker } = await import('./run-worker.js');
stopping.removeEventListener('abort', leave);
// The SDK may still hold threads and connections, if the start was interrupted or Temporal is away.
process.exit(await runWorker(process.env, stopping));

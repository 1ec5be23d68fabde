export { StatusFeed } from './status-feed.js';
export { waitForChange, WaitEnded } from './wait-for-change.js';
export type { WaitMemory } from './wait-for-change.js';

export { createModelArtsClient } from './client.js';
export type { Credentials, ModelArtsClient } from './client.js';
export type { Trouble } from './report-trouble.js';
export { StatusFeed } from './status-feed.js';
export { waitForChange, WaitEnded } from './wait-for-change.js';
export type { WaitMemory } from './wait-for-change.js';

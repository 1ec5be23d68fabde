export { a } from '../client/start.js';
export { b } from '../domain/status.js';
export { c } from 'nexus-rpc';
export type { D } from '../workflows/index.js';
export { e } from '../workflows/index.js'; // ✗ no-restricted-imports
export { f } from '../modelarts/client.js'; // ✗ no-restricted-imports
export { g } from '@temporalio/worker'; // ✗ no-restricted-imports

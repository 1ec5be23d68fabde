export { a } from '../client/start.js';
export { b } from '../modelarts/client.js';
export type { C } from '../workflows/index.js';
export { d } from '../workflows/index.js'; // ✗ no-restricted-imports
export { e } from '../activities/look.js'; // ✗ no-restricted-imports
export { f } from '../../simulator/index.js'; // ✗ no-restricted-imports
export { g } from '@temporalio/worker'; // ✗ no-restricted-imports

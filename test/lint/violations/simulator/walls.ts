export { a } from './neighbour.js';
export { b } from '../src/domain/status.js';
export { createServer } from 'node:http';
export { c } from '../src/modelarts/client.js'; // ✗ no-restricted-imports
export type { D } from '../src/modelarts/client.js'; // ✗ no-restricted-imports
export { e } from '../src/names.js'; // ✗ no-restricted-imports
export { f } from '../test/setup/temporal.js'; // ✗ no-restricted-imports
export { g } from '@temporalio/client'; // ✗ no-restricted-imports
export { h } from 'ky'; // ✗ no-restricted-imports

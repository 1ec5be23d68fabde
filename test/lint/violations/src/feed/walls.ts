export { a } from './neighbour.js';
export { b } from '../domain/status.js';
export { c } from '../modelarts/client.js';
export { d } from '../config.js'; // ✗ no-restricted-imports
export type { E } from '../activities/look.js'; // ✗ no-restricted-imports
export { f } from '../workflows/index.js'; // ✗ no-restricted-imports
export { g } from '../../simulator/index.js'; // ✗ no-restricted-imports
export { h } from '@temporalio/activity'; // ✗ no-restricted-imports
export { i } from 'ky'; // ✗ no-restricted-imports
export { j } from 'undici'; // ✗ no-restricted-imports

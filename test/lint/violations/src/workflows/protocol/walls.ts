export { a } from './neighbour.js';
export { b } from '../../domain/status.js';
export { c } from '../activity-hands.js'; // ✗ no-restricted-imports
export type { D } from '../activity-hands.js'; // ✗ no-restricted-imports
export { e } from '@temporalio/workflow'; // ✗ no-restricted-imports
export { f } from '@temporalio/common'; // ✗ no-restricted-imports
export type { G } from '../../activities/activities.js'; // ✗ no-restricted-imports
export { h } from '../../names.js'; // ✗ no-restricted-imports
export { readFile } from 'node:fs'; // ✗ no-restricted-imports

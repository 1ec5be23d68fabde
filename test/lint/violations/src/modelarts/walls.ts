export { a } from './neighbour.js';
export { b } from '../domain/status.js';
export { c } from 'ky';
export { createHmac } from 'node:crypto';
export { d } from '../config.js'; // ✗ no-restricted-imports
export type { E } from '../activities/look.js'; // ✗ no-restricted-imports
export { f } from '../../simulator/index.js'; // ✗ no-restricted-imports
export { g } from '../../src/workflows/index.js'; // ✗ no-restricted-imports
export { h } from '@temporalio/activity'; // ✗ no-restricted-imports
export type { I } from '@temporalio/common'; // ✗ no-restricted-imports
export { j } from '../feed/index.js'; // ✗ no-restricted-imports

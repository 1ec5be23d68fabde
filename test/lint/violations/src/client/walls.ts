export { a } from './neighbour.js';
export { b } from '../domain/status.js';
export { c } from '../names.js';
export { d } from '@temporalio/client';
export { e } from '@temporalio/common';
export { setTimeout } from 'node:timers/promises';
export type { F } from '../workflows/index.js';
export { g } from '../workflows/index.js'; // ✗ no-restricted-imports
export { h } from '../activities/look.js'; // ✗ no-restricted-imports
export type { I } from '../activities/look.js'; // ✗ no-restricted-imports
export { j } from '../modelarts/client.js'; // ✗ no-restricted-imports
export { k } from '../worker.js'; // ✗ no-restricted-imports
export { l } from '../../simulator/index.js'; // ✗ no-restricted-imports
export { m } from '@temporalio/worker'; // ✗ no-restricted-imports
export { n } from 'ky'; // ✗ no-restricted-imports

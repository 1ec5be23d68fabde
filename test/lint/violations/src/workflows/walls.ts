export { a } from './neighbour.js';
export { b } from '../domain/status.js';
export { c } from '../names.js';
export { d } from '@temporalio/workflow';
export { e } from '@temporalio/common';
export type { F } from '../activities/index.js';
import type { G } from '../activities/look.js';
export { h } from '../activities/index.js'; // ✗ no-restricted-imports
import { i } from '../activities/look.js'; // ✗ no-restricted-imports
export { j } from '../modelarts/client.js'; // ✗ no-restricted-imports
export type { K } from '../modelarts/client.js'; // ✗ no-restricted-imports
export { l } from '../client/start.js'; // ✗ no-restricted-imports
export { m } from '../config.js'; // ✗ no-restricted-imports
export { n } from '../../bench/waits.js'; // ✗ no-restricted-imports
export { readFile } from 'node:fs'; // ✗ no-restricted-imports
export { readFile as again } from 'node:fs/promises'; // ✗ no-restricted-imports
export { o } from '@temporalio/client'; // ✗ no-restricted-imports
export { p } from '@temporalio/activity'; // ✗ no-restricted-imports
export { q } from '@temporalio/workflow/lib/internals'; // ✗ no-restricted-imports
export { r } from 'zod'; // ✗ no-restricted-imports
export type { G };
export { i };

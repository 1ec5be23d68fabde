export { a } from './neighbour.js';
export { b } from '../domain/status.js';
export { c } from '../modelarts/client.js';
export { n } from '../feed/index.js';
export { d } from '../names.js';
export { e } from '@temporalio/activity';
export { f } from '@temporalio/common';
export { g } from '../workflows/index.js'; // ✗ no-restricted-imports
export type { H } from '../workflows/index.js'; // ✗ no-restricted-imports
export { i } from '../config.js'; // ✗ no-restricted-imports
export { j } from '../../test/setup/temporal.js'; // ✗ no-restricted-imports
export { k } from '@temporalio/workflow'; // ✗ no-restricted-imports
export { l } from '@temporalio/worker'; // ✗ no-restricted-imports
export { m } from 'ky'; // ✗ no-restricted-imports

export { a } from './workflows/index.js';
export { b } from './activities/index.js';
export { c } from './modelarts/client.js';
export { d } from '@temporalio/worker';
export { e } from '../simulator/index.js'; // ✗ no-restricted-imports
export { f } from '../test/setup/temporal.js'; // ✗ no-restricted-imports
export { g } from '../bench/waits.js'; // ✗ no-restricted-imports
export { h } from '../scripts/set-up.mjs'; // ✗ no-restricted-imports

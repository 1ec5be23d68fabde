export { a } from './neighbour.js';
export { b } from '../src/domain/status.js';
export { c } from '../chaos/kit.js';
export { d } from '../bench/table.js';
export { e } from '../src/worker.js'; // ✗ no-restricted-imports
export { f } from '../test/setup/temporal.js'; // ✗ no-restricted-imports
export { g } from '@temporalio/worker'; // ✗ no-restricted-imports

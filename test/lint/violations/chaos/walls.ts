export { a } from './neighbour.js';
export { b } from '../src/domain/status.js';
export { c } from '../simulator/index.js';
export { d } from '../bench/table.js';
export { e } from '../proof/random.js';
export { Client } from '@temporalio/client';
export { f } from '../src/activities/index.js'; // ✗ no-restricted-imports
export { g } from '../src/workflows/protocol/run.js'; // ✗ no-restricted-imports
export { h } from '../src/worker.js'; // ✗ no-restricted-imports
export { i } from '../test/setup/temporal.js'; // ✗ no-restricted-imports
export { j } from '@temporalio/worker'; // ✗ no-restricted-imports

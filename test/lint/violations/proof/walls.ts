export { a } from './neighbour.js';
export { b } from '../src/domain/status.js';
export { c } from '../src/workflows/protocol/run.js';
export { parseArgs } from 'node:util';
export { d } from '../src/workflows/activity-hands.js'; // ✗ no-restricted-imports
export { e } from '../src/modelarts/client.js'; // ✗ no-restricted-imports
export { f } from '../test/setup/temporal.js'; // ✗ no-restricted-imports
export { g } from '../simulator/index.js'; // ✗ no-restricted-imports
export { h } from '@temporalio/workflow'; // ✗ no-restricted-imports

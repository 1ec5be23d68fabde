export { a } from './domain/status.js';
export { b } from './config.js'; // ✗ no-restricted-imports
export { c } from '@temporalio/common'; // ✗ no-restricted-imports

export type { A } from '../domain/status.js';
export { b } from 'nexus-rpc';
export { c } from '@temporalio/nexus'; // ✗ no-restricted-imports
export { d } from './handler.js'; // ✗ no-restricted-imports
export type { E } from '../workflows/index.js'; // ✗ no-restricted-imports
export { f } from 'node:fs'; // ✗ no-restricted-imports

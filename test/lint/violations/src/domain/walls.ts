export { a } from './neighbour.js';
export { b } from '../names.js'; // ✗ no-restricted-imports
export { c } from '../modelarts/client.js'; // ✗ no-restricted-imports
export type { D } from '../modelarts/client.js'; // ✗ no-restricted-imports
export { e } from '../../simulator/index.js'; // ✗ no-restricted-imports
export { readFile } from 'node:fs'; // ✗ no-restricted-imports
export { readFile as again } from 'node:fs/promises'; // ✗ no-restricted-imports
export { f } from '@temporalio/common'; // ✗ no-restricted-imports
export { g } from '@temporalio/common/lib/time'; // ✗ no-restricted-imports
export { z } from 'zod'; // ✗ no-restricted-imports
import 'node:crypto'; // ✗ no-restricted-imports

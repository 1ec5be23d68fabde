export { createModelArtsClient } from './client.js';
export type { Credentials, ModelArtsClient } from './client.js';
export type { Trouble } from './report-trouble.js';

import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { reportByChild, reportByNexus } from './workflows.js';

const [door, jobId, endpoint = 'modelarts-restarts'] = process.argv.slice(2);
if ((door !== 'child' && door !== 'nexus') || jobId === undefined) {
  console.error('usage: report child <jobId> | report nexus <jobId> [endpoint]');
  process.exit(2);
}

const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const { workflow } = new Client({ connection, namespace });
const restart = { jobId, pollInterval: '1s', reason: 'an example' };
const options = { taskQueue: 'reports', workflowId: `report-${randomUUID()}` };
const line =
  door === 'child'
    ? await workflow.execute<typeof reportByChild>('reportByChild', { ...options, args: [restart] })
    : await workflow.execute<typeof reportByNexus>('reportByNexus', {
        ...options,
        args: [restart, endpoint],
      });
console.log(line);
await connection.close();

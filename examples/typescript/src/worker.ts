import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';

// This project's worker, on its own task queue. Restarts run on the restarter's worker.
const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await NativeConnection.connect(connectionOptions);
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: 'reports',
  workflowsPath: fileURLToPath(new URL('workflows.js', import.meta.url)),
});
console.log('listening on reports');
await worker.run();
await connection.close();

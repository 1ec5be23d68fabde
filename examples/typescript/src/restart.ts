import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import {
  followRestart,
  RestartError,
  startRestart,
  type RestartProgress,
} from 'modelarts-restarter';

// Needs no workflow: the typed client starts the restart, or joins it, and follows it.
const [jobId, projectId = process.env['HW_PROJECT_ID']] = process.argv.slice(2);
if (jobId === undefined || projectId === undefined) {
  console.error('usage: restart <jobId> <projectId>');
  process.exit(2);
}

const { connectionOptions, namespace } = loadClientConnectConfig();
const connection = await Connection.connect(connectionOptions);
const client = new Client({ connection, namespace });
console.log(await restart(client, { jobId, projectId, pollInterval: '1s', reason: 'an example' }));
await connection.close();

async function restart(
  temporal: Client,
  input: Parameters<typeof startRestart>[1],
): Promise<string> {
  try {
    const started = await startRestart(temporal, input);
    let progress: RestartProgress | undefined;
    for await (progress of followRestart(temporal, started));
    const path = progress?.transitions.map(({ name }) => name).join(' → ');
    return `job ${input.jobId}: ${progress?.outcome}, now ${progress?.last?.name}, by way of ${path}`;
  } catch (error) {
    // Other errors say that no worker or no Temporal was reached.
    if (!(error instanceof RestartError)) throw error;
    const { before, outcome, error: answer } = error.outcome ?? {};
    return `job ${input.jobId}: ${outcome} (${error.type}), was ${before?.name}, ModelArts says: ${answer?.message}`;
  }
}

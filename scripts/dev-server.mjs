import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, tail } from './child.mjs';

/** The search attributes that restarts write; see docs/operations.md. All are Keyword. */
const SEARCH_ATTRIBUTES = [
  'ModelArtsJobId',
  'ModelArtsOutcome',
  'ModelArtsErrorCode',
  'ModelArtsBatch',
];

/** Go's garbage collector then takes a quarter of the time, and the server a few hundred MB more. Default 100. */
const MEMORY_FOR_TIME = '400';

/** A start takes half a second, or ten times that on a machine that is busy with tests. */
const START_LIMIT_MS = 30_000;

/** How often to try: the server ends at once if another program has taken its port since it was found free. */
const TRIES = 3;

/**
 * Starts a Temporal server without storage, on free ports, with the search attributes registered.
 *
 * @param {{ cli: string, ui?: boolean }} options
 */
export async function startDevServer(options) {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      return await tryToStart(options);
    } catch (error) {
      if (left === 0 || !(error instanceof ServerEnded)) throw error;
    }
  }
}

class ServerEnded extends Error {}

/** @param {{ cli: string, ui?: boolean }} options */
async function tryToStart({ cli, ui = false }) {
  const [port, uiPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  // Killed at the end, because it has nothing to save, and would take a second to end by itself.
  const server = startChild(
    cli,
    ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error']
      .concat(ui ? ['--ui-port', String(uiPort)] : ['--headless'])
      .concat(SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`])),
    { env: { ...process.env, GOGC: MEMORY_FOR_TIME } },
  );
  /** @type {Promise<never>} */
  const failed = server.ended.then((code) => {
    throw new ServerEnded(`The Temporal server ended with ${code}: ${tail(server.output())}`);
  });
  failed.catch(() => {});
  try {
    await Promise.race([untilReady(address), failed]);
  } catch (error) {
    await server.close();
    throw error;
  }
  const uiUrl = ui ? `http://127.0.0.1:${uiPort}` : undefined;
  return { address, uiUrl, pid: server.pid, close: server.close };
}

/**
 * Waits until the namespace exists and the search attributes are registered. A workflow that writes
 * one earlier hangs.
 *
 * @param {string} address
 */
async function untilReady(address) {
  const { Connection } = await import('@temporalio/client');
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    /** @type {import('@temporalio/client').Connection | undefined} */
    let connection;
    try {
      connection = await Connection.connect({ address, connectTimeout: '2s' });
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      if (SEARCH_ATTRIBUTES.every((name) => name in customAttributes)) return;
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`The Temporal server at ${address} did not get ready.`, { cause: error });
      }
    } finally {
      await connection?.close();
    }
    await sleep(100);
  }
}

/**
 * @param {number} count
 * @returns {Promise<number[]>} all opened at the same time for a moment, so that they differ
 */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve, reject) => {
          server.once('error', reject).listen(0, '127.0.0.1', () => {
            resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

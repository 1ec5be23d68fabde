import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tail } from './command.mjs';
import { inRoot } from './project.mjs';

/** Those that restarts write; see the README. All are Keyword. */
const SEARCH_ATTRIBUTES = ['ModelArtsJobId', 'ModelArtsOutcome', 'ModelArtsErrorCode'];

/** It takes half a second; ten times that on a machine that is busy with tests. */
const START_LIMIT_MS = 30_000;

/**
 * Starts a Temporal server that keeps nothing, on free ports, with the search attributes
 * registered. It ends with this process at the latest, however this process ends.
 *
 * @param {{ cli: string, ui?: boolean }} options
 * @returns {Promise<{ address: string, uiUrl?: string, close: () => Promise<void> }>}
 */
export async function startDevServer({ cli, ui = false }) {
  const [port, uiPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    [inRoot('scripts', 'guarded.mjs'), cli, 'server', 'start-dev', '--ip', '127.0.0.1']
      .concat(['--port', String(port), '--log-level', 'error'])
      .concat(ui ? ['--ui-port', String(uiPort)] : ['--headless'])
      .concat(SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`])),
    // A session of its own: Ctrl-C goes to us alone, and we end the server last.
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors = (errors + text).slice(-4_096)));
  const exited = new Promise((resolve) => child.once('close', resolve));
  const close = async () => {
    child.ref();
    child.stdin.end();
    await exited;
  };
  try {
    await untilReady(address, () => {
      if (child.exitCode === null) return;
      throw new Error(`The Temporal server ended with ${child.exitCode}: ${tail(errors)}`);
    });
  } catch (error) {
    await close();
    throw error;
  }
  // It must not keep a process going that has nothing else to do.
  child.unref();
  for (const pipe of [child.stdin, child.stderr]) {
    /** @type {import('node:net').Socket} */ (/** @type {unknown} */ (pipe)).unref();
  }
  return { address, ...(ui ? { uiUrl: `http://127.0.0.1:${uiPort}` } : {}), close };
}

/**
 * Ready means: the namespace is there, and the search attributes are registered in it. A workflow
 * that writes one a moment earlier hangs.
 *
 * @param {string} address
 * @param {() => void} check throws where waiting is of no use any more
 */
async function untilReady(address, check) {
  const { Connection } = await import('@temporalio/client');
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    check();
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
 * @returns {Promise<number[]>} held together for a moment, so that they differ
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

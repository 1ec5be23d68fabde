import type { Socket } from 'node:net';
import { Agent, buildConnector, Client, type Dispatcher } from 'undici';
import { createGate, type Gate } from './gate.js';

/** Where requests of one kind go through: their sockets, and how many may be under way. */
export interface Lane {
  gate: Gate;
  /** The way for one exchange, which has its place in the gate. */
  open(origin: string): Line;
  /** Ends what is open. */
  close(): Promise<void>;
}

/** The way of one exchange to its socket. */
export interface Line {
  dispatcher: Dispatcher;
  /** Drops what was not delivered yet, as far as this machine still holds it. */
  reset(): void;
  /** The exchange is over. */
  end(): void;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** The exchange has a deadline of its own, so undici's clocks for head and body are off. */
const NO_CLOCKS = { headersTimeout: 0, bodyTimeout: 0 };

/** Sockets that are kept and shared, for looks: a look that is sent twice is harmless. */
export function createSharedLane(sockets: number): Lane {
  const agent = new Agent({
    ...NO_CLOCKS,
    connections: sockets,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
  const line: Line = { dispatcher: agent, reset: () => undefined, end: () => undefined };
  return { gate: createGate(sockets), open: () => line, close: () => agent.destroy() };
}

/**
 * A socket of its own for each exchange, for requests that change a job.
 *
 * A kept socket that the service closes just then would leave a request's fate unknown. And only
 * with a socket that is known can a request be taken back: closed in the usual way, the kernel goes
 * on delivering for minutes what a network that was cut off had not taken.
 */
export function createFreshLane(sockets: number): Lane {
  const connector = buildConnector({ timeout: CONNECT_TIMEOUT_MS });

  function open(origin: string): Line {
    let socket: Socket | undefined;
    const connect: buildConnector.connector = (options, callback) => {
      const secure = options.protocol === 'https:';
      const port = options.port || (secure ? '443' : '80');
      // TCP first, also under TLS: only a TCP socket can be reset.
      connector({ ...options, protocol: 'http:', port }, (error, tcp) => {
        if (error) return callback(error, null);
        socket = tcp;
        // Given up meanwhile: the client closes what it is handed.
        if (secure && !client.destroyed) connector({ ...options, httpSocket: tcp }, callback);
        else callback(null, tcp);
      });
    };
    const client = new Client(origin, { ...NO_CLOCKS, pipelining: 0, connect });
    return {
      dispatcher: client,
      reset: () => socket?.resetAndDestroy(),
      end() {
        void client.destroy();
        socket?.destroy();
      },
    };
  }

  return { gate: createGate(sockets), open, close: () => Promise.resolve() };
}

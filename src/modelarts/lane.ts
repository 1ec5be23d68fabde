import type { Socket } from 'node:net';
import { Agent, buildConnector, Client, type Dispatcher } from 'undici';
import { defined } from '../domain/defined.js';

/** The sockets for calls of one kind, and the gate that limits how many are under way. */
export interface Lane {
  gate: Gate;
  /** Opens the line for one exchange, which must have entered the gate. */
  open(origin: string): Line;
  /** Closes the sockets. An exchange that is still under way is lost. */
  close(): Promise<void>;
}

/** How one exchange reaches its socket. */
export interface Line {
  dispatcher: Dispatcher;
  /** Resets the socket, so that this machine drops what it has not delivered yet. */
  reset(): void;
  /** Called when the exchange is over. */
  end(): void;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** undici's timeouts for head and body are off, because the exchange has its own deadline. */
const NO_CLOCKS = { headersTimeout: 0, bodyTimeout: 0 };

/** Keeps and shares sockets, for looks: if a kept socket breaks, sending a look again is harmless. */
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
 * Opens a socket for each exchange, for requests that change a job.
 *
 * If the service closed a kept socket at that moment, nobody could know whether the request arrived.
 * And only a socket of its own can be reset. After an ordinary close, the kernel tries for minutes to
 * deliver what a broken network has not taken.
 *
 * @param maxHeaderSize the most bytes of an answer's head; default Node's, 16 KiB
 */
export function createFreshLane(sockets: number, maxHeaderSize?: number): Lane {
  const connector = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  const lines = new Set<Line>();

  function open(origin: string): Line {
    let socket: Socket | undefined;
    const connect: buildConnector.connector = (options, callback) => {
      const secure = options.protocol === 'https:';
      const port = options.port || (secure ? '443' : '80');
      // Connects TCP first, even for TLS, because only a TCP socket can be reset.
      connector({ ...options, protocol: 'http:', port }, (error, tcp) => {
        if (error) return callback(error, null);
        socket = tcp;
        // If the exchange was given up meanwhile, the client closes the socket that it is handed.
        if (secure && !client.destroyed) connector({ ...options, httpSocket: tcp }, callback);
        else callback(null, tcp);
      });
    };
    const limits = defined({ maxHeaderSize });
    const client = new Client(origin, { ...NO_CLOCKS, ...limits, pipelining: 0, connect });
    const line: Line = {
      dispatcher: client,
      reset: () => socket?.resetAndDestroy(),
      end() {
        lines.delete(line);
        void client.destroy();
        socket?.destroy();
      },
    };
    lines.add(line);
    return line;
  }

  async function close(): Promise<void> {
    for (const line of lines) line.end();
  }

  return { gate: createGate(sockets), open, close };
}

/** Lets a fixed number in at a time; the others wait in order. */
export interface Gate {
  /** Resolves to the function that leaves the gate; rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createGate(places: number): Gate {
  let free = places;
  const waiting = new Set<() => void>();

  function leave(): void {
    free += 1;
    const [next] = waiting;
    next?.();
  }

  function take(): () => void {
    free -= 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  }

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) return take();
      return await new Promise((resolve, reject) => {
        const admit = () => {
          waiting.delete(admit);
          signal.removeEventListener('abort', giveUp);
          resolve(take());
        };
        const giveUp = () => {
          waiting.delete(admit);
          reject(signal.reason);
        };
        waiting.add(admit);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}

import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Seen {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** Which connection it came over; the first is 1. */
  connection: number;
}

export interface ScriptedServer {
  endpoint: string;
  /** Every request that came, whole; a fault that was meant to happen shows here. */
  seen: Seen[];
  connections: number;
  openSockets: Set<Socket>;
  close(): Promise<void>;
}

export type Script = (
  seen: Seen,
  response: http.ServerResponse,
  request: http.IncomingMessage,
) => unknown;

/** A real HTTP server on the loopback that does what the script says. */
export async function serve(script: Script): Promise<ScriptedServer> {
  const numbers = new WeakMap<Socket, number>();
  const server = http.createServer((request, response) => void answer(request, response));
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const seen: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body,
      connection: numbers.get(request.socket) ?? 0,
    };
    served.seen.push(seen);
    await script(seen, response, request);
  };
  const served: ScriptedServer = {
    endpoint: '',
    seen: [],
    connections: 0,
    openSockets: new Set(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('connection', (socket) => {
    numbers.set(socket, (served.connections += 1));
    served.openSockets.add(socket);
    socket.on('close', () => served.openSockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  served.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}

/** A script that answers with JSON (a string is sent as it is). */
export function reply(status: number, body: unknown, headers: Record<string, string> = {}): Script {
  return (_seen, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

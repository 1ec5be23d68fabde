import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** What a caller gets in place of Temporal's answer: never one, or an error of gRPC. */
export type Interference = 'silence' | { code: number; message: string };

/** A gRPC server that passes calls on to Temporal, but for those that a test interferes with. */
export interface TemporalProxy {
  readonly address: string;
  /** From now on; `undefined` passes the calls of the method on again. */
  interfere(method: string, interference: Interference | undefined): void;
  /** How many calls of the method have come in. */
  calls(method: string): number;
  /** Ends all connections: calls under way are lost, and the next ones connect again. */
  cut(): void;
  close(): Promise<void>;
}

/** @param tls serves TLS with these options; default none */
export async function startTemporalProxy(
  temporal: string,
  tls?: SecureServerOptions,
): Promise<TemporalProxy> {
  let upstream = openSession(temporal);
  const interferences = new Map<string, Interference>();
  const counts = new Map<string, number>();
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = tls === undefined ? createServer() : createSecureServer(tls);
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const method = headers[':path']!.split('/').at(-1)!;
    counts.set(method, (counts.get(method) ?? 0) + 1);
    const interference = interferences.get(method);
    if (interference === undefined) {
      if (upstream.closed || upstream.destroyed) upstream = openSession(temporal);
      passOn(upstream.request(plain(headers)), stream);
    }
    if (typeof interference === 'object') refuse(stream, interference);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    interfere: (method, interference) => {
      if (interference === undefined) interferences.delete(method);
      else interferences.set(method, interference);
    },
    calls: (method) => counts.get(method) ?? 0,
    cut: () => {
      for (const session of sessions) session.destroy();
    },
    close: async () => {
      server.removeAllListeners('stream');
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      upstream.destroy();
      await closed;
    },
  };
}

const openSession = (temporal: string): ClientHttp2Session =>
  connect(`http://${temporal}`).on('error', () => undefined);

/** What belongs to the caller's connection alone is left out. */
function plain(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { ':authority': _, ':scheme': __, ...rest } = headers;
  return rest;
}

function passOn(call: ClientHttp2Stream, stream: ServerHttp2Stream) {
  call.on('error', () => stream.destroy());
  stream.on('close', () => call.close());
  call.on('response', (answer) => {
    const { ':status': status, ...rest } = answer;
    // gRPC's verdict comes behind the body.
    const verdict = {};
    call.on('trailers', (trailers: IncomingHttpHeaders) => void Object.assign(verdict, trailers));
    stream.on('wantTrailers', () => stream.sendTrailers(verdict));
    stream.respond({ ':status': status, ...rest }, { waitForTrailers: true });
    call.pipe(stream);
  });
  stream.pipe(call);
}

function refuse(stream: ServerHttp2Stream, { code, message }: { code: number; message: string }) {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': encodeURIComponent(message),
    },
    { endStream: true },
  );
}

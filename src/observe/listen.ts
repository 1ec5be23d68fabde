import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingsError } from '../environment.js';

/** Where a server listens; `variable` names the setting that says so. */
export interface ListenAddress {
  variable: string;
  host: string;
  /** 0 for a free one. */
  port: number;
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EACCES: 'the worker may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host is known',
};

/**
 * Listens at an address.
 *
 * @throws SettingsError that names the variable if the address can't be had
 */
export async function listen(
  { variable, host, port }: ListenAddress,
  onRequest?: RequestListener,
): Promise<Server> {
  const server = createServer(onRequest ?? (() => undefined));
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const why = WHY[code] ?? message;
    throw new SettingsError([`${variable} can’t be used: ${why} (${bracketed(host)}:${port})`]);
  }
}

/** `127.0.0.1:9464`, or `[::1]:9464`. */
export function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `${bracketed(address)}:${port}`;
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

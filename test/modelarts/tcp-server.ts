import { createServer, type AddressInfo, type Socket } from 'node:net';
import { onClose } from './scripted-client.js';

/** A TCP server below HTTP; with `pauseOnConnect`, nothing is read before a socket is resumed. */
export async function tcp(
  onConnection: (socket: Socket) => unknown,
  options: { pauseOnConnect?: boolean } = {},
): Promise<{ port: number; connections: () => number }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer(options, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onClose(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

import type { ServerResponse } from 'node:http';
import type { Reply } from './reply.js';
import type { LoggedRequest } from './request-log.js';
import type { Delivery } from './strike.js';

/** Lets the client read what was written, because a reset may discard unread bytes. */
const BEFORE_RESET_MS = 50;

/**
 * Sends an answer, or the part of it that its fault leaves. Logs the outcome first, so that the log
 * is complete once the client has the answer.
 */
export async function deliver(
  response: ServerResponse,
  delivery: Delivery,
  entry: LoggedRequest,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  if (response.destroyed) {
    entry.outcome = 'aborted';
    return;
  }
  switch (delivery.way) {
    case 'lost':
      entry.outcome = 'lost';
      response.destroy();
      return;
    case 'hang':
      entry.outcome = 'hung';
      return;
    case 'whole':
      entry.outcome = delivery.reply.status;
      writeHead(response, delivery.reply, entry.requestId);
      response.end(delivery.reply.body);
      return;
    case 'stall':
      entry.outcome = 'hung';
      writeHalf(response, delivery.reply, entry.requestId);
      return;
    case 'reset':
      entry.outcome = 'reset';
      writeHalf(response, delivery.reply, entry.requestId);
      await wait(BEFORE_RESET_MS);
      response.socket?.resetAndDestroy();
  }
}

function writeHalf(response: ServerResponse, reply: Reply, requestId: string): void {
  writeHead(response, reply, requestId);
  response.write(reply.body.slice(0, reply.body.length / 2));
}

function writeHead(response: ServerResponse, reply: Reply, requestId: string): void {
  response.writeHead(reply.status, {
    'content-type': 'application/json;charset=utf-8',
    'content-length': Buffer.byteLength(reply.body),
    'x-request-id': requestId,
    ...reply.headers,
  });
}

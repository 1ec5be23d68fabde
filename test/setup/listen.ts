import { appendFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { PayloadCodec } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import { hasCredential } from './canaries.mjs';

/*
 * A test file that imports this fails at its end if a program has shown a credential.
 */

/** Who has shown one, and how. */
const heard: string[] = [];

afterAll(() => {
  const shown = forgetHeard();
  if (shown.length > 0) throw new Error(`A credential was shown by ${shown.join('; ')}`);
});

/**
 * Searches what a program said for credentials, and returns it. If there was one, the test file fails at its
 * end.
 */
export function listenTo(who: string, said: string): string {
  if (hasCredential(said)) {
    heard.push(`${who}: ${said}`);
    // For what a program says while it is ended, after the check above.
    const { TEST_HEARD: file = '' } = process.env;
    if (file !== '') appendFileSync(file, `${who}\n`);
  }
  return said;
}

/** Returns what was heard so far, and forgets it: for a test that shows a credential on purpose. */
export const forgetHeard = (): string[] => heard.splice(0);

/** Listens to all that a worker sends to Temporal: results, heartbeats, answers to queries. Changes nothing. */
export const LISTENING_CODEC: PayloadCodec = {
  encode(payloads) {
    for (const { data } of payloads) {
      if (data) listenTo('a worker, to Temporal', Buffer.from(data).toString('latin1'));
    }
    return Promise.resolve(payloads);
  },
  decode: (payloads) => Promise.resolve(payloads),
};

/** Listens to all that a worker logs, and prints the errors. */
export function listeningLogger(): DefaultLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }) => {
    const line = listenTo('a worker’s log', `${message} ${inspect(meta, { depth: 6 })}`);
    if (level === 'ERROR') process.stderr.write(`${line}\n`);
  });
}

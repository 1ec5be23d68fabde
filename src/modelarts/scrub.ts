import { partsOf, type Credentials } from './credentials.js';

export type Scrub = (text: string) => string;

const HIDDEN = '***';

/** Shorter than any real credential: hiding `test` would eat words out of every message. */
const SHORTEST_SECRET = 8;

/** Makes the function that hides the credentials in whatever the service echoes. */
export function createScrub(credentials: Credentials): Scrub {
  const secrets = partsOf(credentials)
    .filter((part) => part.length >= SHORTEST_SECRET)
    .flatMap((part) => [...new Set([part, encodeURIComponent(part)])])
    // Longest first: a secret that holds another one must not leave its rest behind.
    .sort((a, b) => b.length - a.length);
  return (text) =>
    secrets
      .reduce((scrubbed, secret) => scrubbed.replaceAll(secret, HIDDEN), text)
      .replace(/\bSignature=[0-9a-f]+/gi, `Signature=${HIDDEN}`);
}

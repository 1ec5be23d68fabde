import { partsOf, type Credentials } from './credentials.js';
import { readingsOf } from './readings.js';

export type Scrub = (text: string) => string;

const HIDDEN = '***';
const WITHHELD = '*** (not shown: it may hold a credential)';

/** Shorter than any real credential: hiding `test` would eat words out of every message. */
const SHORTEST_SECRET = 8;

/** The signature of a request, which is good for some minutes; `=` may be escaped. */
const SIGNATURE = /\bSignature(?:=|%3D|\\u003d|&#61;|&#x3d;|&equals;)[0-9a-f]+/gi;
const SIGNATURE_READ = /\bsignature=[0-9a-f]{8}/;

/**
 * Makes the function that hides the credentials in whatever the service echoes.
 *
 * One that stands there as it is, or escaped in a usual way, is hidden in its place. Where one can
 * still be read after that, in a rarer disguise or cut off at the end, or where there is no end to
 * the ways to read a text, it is withheld as a whole: to find out where a disguise begins and ends would take more rules than anybody can check.
 */
export function createScrub(credentials: Credentials): Scrub {
  const secrets = partsOf(credentials).filter((part) => part.length >= SHORTEST_SECRET);
  const usual = anyOf(secrets.flatMap(usualForms));
  // A secret may itself look as if something were escaped in it.
  const legible = [
    ...new Set(secrets.flatMap((secret) => [...(readingsOf(secret) ?? [secret.toLowerCase()])])),
  ].filter((reading) => reading.length >= SHORTEST_SECRET);
  return (text) => {
    const hidden = text.replace(usual, HIDDEN).replace(SIGNATURE, `Signature=${HIDDEN}`);
    const readings = readingsOf(hidden);
    if (readings === undefined) return WITHHELD;
    for (const reading of readings) {
      const isTold =
        SIGNATURE_READ.test(reading) ||
        legible.some((secret) => reading.includes(secret) || endsInside(reading, secret));
      if (isTold) return WITHHELD;
    }
    return hidden;
  };
}

/** A text that was cut may end with the beginning of a secret. */
function endsInside(reading: string, secret: string): boolean {
  const beginning = secret.slice(0, SHORTEST_SECRET);
  for (let at = reading.indexOf(beginning); at >= 0; at = reading.indexOf(beginning, at + 1)) {
    if (secret.startsWith(reading.slice(at))) return true;
  }
  return false;
}

function usualForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, encodeURIComponent(secret), json, json.replaceAll('/', '\\/')];
}

/** Longest first: a secret that holds another one must not leave its rest behind. */
function anyOf(forms: readonly string[]): RegExp {
  const sources = [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return sources.length === 0 ? /(?!)/g : new RegExp(sources.join('|'), 'gi');
}

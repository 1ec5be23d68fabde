import type { Scrub } from './scrub.js';

const LONGEST = 300;

/** More than any message needs, so that a page of a megabyte is not searched for tags. */
const LOOKED_AT = 8192;

/**
 * Makes one short line of what a service, a gateway or a proxy wrote: credentials are hidden, tags,
 * control and invisible characters become spaces, runs of spaces become one, at most 300 characters
 * are kept.
 */
export function cleanText(text: string, scrub: Scrub): string {
  // Scrubbed again when it is clean, as what was taken out may have stood inside of a secret; and
  // before it is cut, as half a secret would not be recognised any more.
  const line = scrub(tidy(scrub(text.slice(0, LOOKED_AT))));
  const characters = [...line];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : line;
}

function tidy(text: string): string {
  return text
    .replace(/<(script|style)\b[^<]*<\/\1>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

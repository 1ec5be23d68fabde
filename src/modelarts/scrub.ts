const HIDDEN = '***';
const WITHHELD = '*** (not shown: it may hold a credential)';

/** Real credentials are longer. To hide a value such as `test` would mutilate every message. */
const SHORTEST_SECRET = 8;

/** A token of IAM may have 20 kB. For a pattern as long as that, the regular expression is too large. */
const LONGEST_PATTERN = 500;

/** The signature of a request, which stays valid for some minutes; `=` may be escaped. */
const SIGNATURE = /\bSignature(?:=|%3D|\\u003d|&#61;|&#x3d;|&equals;)[0-9a-f]+/gi;
const SIGNATURE_LEGIBLE = /\bsignature=[0-9a-f]{8}/;

/** A guess. Undoing the escapes of an ordinary page gives some ten texts; more may hide something. */
const MOST_TEXTS = 100;

/** What a page or a screen does not show: tags, breaks, invisible characters. */
const UNSEEN = /<[^<>]*>|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/** An incomplete tag or escape at the end of the text. */
const CUT_OFF = /(?:<[^<>]*|[\\%&][#\w{]{0,9})$/;

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** HTML's names for printable ASCII characters and for some invisible ones. */
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", sol: '/', bsol: '\\', plus: '+' },
  ...{ equals: '=', num: '#', dollar: '$', percnt: '%', ast: '*', comma: ',', period: '.' },
  ...{ colon: ':', semi: ';', excl: '!', quest: '?', commat: '@', lowbar: '_', grave: '`' },
  ...{ hat: '^', verbar: '|', vert: '|', lpar: '(', rpar: ')', lsqb: '[', lbrack: '[' },
  ...{ rsqb: ']', rbrack: ']', lcub: '{', lbrace: '{', rcub: '}', rbrace: '}' },
  ...{ nbsp: ' ', shy: '\u00ad', tab: '\t', newline: '\n' },
};

const LONGEST_LINE = 300;

/** More than any message needs, so that a page of a megabyte is not searched for tags. */
const CLEANED_AT_MOST = 8192;

export type Scrub = (text: string) => string;

/**
 * Makes the function that hides the credentials in whatever the service echoes.
 *
 * A credential that stands in the text as it is, or escaped in a usual way, is replaced by `***`. If
 * one can still be read after that, in a rarer disguise or cut off at the end, the whole text is
 * withheld. So is a text that can be read in too many ways. To find where a disguise begins and ends
 * would take more rules than anybody can check.
 *
 * @param secrets returns the values to hide; the same array as long as nothing has changed
 */
export function createScrub(secrets: () => readonly string[]): Scrub {
  let known: { secrets: readonly string[]; scrub: Scrub } | undefined;
  return (text) => {
    const now = secrets();
    if (known?.secrets !== now) known = { secrets: now, scrub: scrubOf(now) };
    return known.scrub(text);
  };
}

function scrubOf(all: readonly string[]): Scrub {
  const secrets = all.filter((secret) => secret.length >= SHORTEST_SECRET);
  const forms = secrets.flatMap(usualForms);
  const long = forms.filter((form) => form.length > LONGEST_PATTERN);
  const usual = anyOf(forms.filter((form) => form.length <= LONGEST_PATTERN));
  // A secret may itself contain what looks like an escape.
  const legible = [
    ...new Set(secrets.flatMap((secret) => [...(legibleIn(secret) ?? [secret.toLowerCase()])])),
  ].filter((legibleText) => legibleText.length >= SHORTEST_SECRET);
  return (text) => {
    const hidden = hideLong(text, long)
      .replace(usual, HIDDEN)
      .replace(SIGNATURE, `Signature=${HIDDEN}`);
    const texts = legibleIn(hidden);
    if (texts === undefined) return WITHHELD;
    for (const legibleText of texts) {
      const isTold =
        SIGNATURE_LEGIBLE.test(legibleText) ||
        legible.some((secret) => legibleText.includes(secret) || endsInside(legibleText, secret));
      if (isTold) return WITHHELD;
    }
    return hidden;
  };
}

/** Like a pattern of the forms that ignores the case of letters. */
function hideLong(text: string, forms: readonly string[]): string {
  let hidden = text;
  for (const form of forms) {
    const begin = anyOf([form.slice(0, LONGEST_PATTERN)]);
    const isWhole = (at: number): boolean =>
      hidden.slice(at, at + form.length).toLowerCase() === form.toLowerCase();
    const places = [...hidden.matchAll(begin)].map(({ index }) => index).filter(isWhole);
    for (const at of places.toReversed()) {
      hidden = hidden.slice(0, at) + HIDDEN + hidden.slice(at + form.length);
    }
  }
  return hidden;
}

/** A text that was cut may end with the beginning of a secret. */
function endsInside(text: string, secret: string): boolean {
  const beginning = secret.slice(0, SHORTEST_SECRET);
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
    if (secret.startsWith(text.slice(at))) return true;
  }
  return false;
}

function usualForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, encodeURIComponent(secret), json, json.replaceAll('/', '\\/')];
}

/** Longest first: if a secret contains another one, hiding that one first would leave the rest. */
function anyOf(forms: readonly string[]): RegExp {
  const sources = [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return sources.length === 0 ? /(?!)/g : new RegExp(sources.join('|'), 'gi');
}

/**
 * All texts that result from undoing a text's escapes, in any order and as often as possible, with
 * and without what is not shown (`UNSEEN`); in lower case.
 *
 * Each step undoes one kind of escape. If two programs escaped the text, the outer escapes must be
 * undone before the inner ones, and nobody knows which are which.
 *
 * @returns `undefined` if there are too many
 */
function legibleIn(text: string): Set<string> | undefined {
  const layers = new Set([text.toLowerCase()]);
  // The loop also visits what is added to the set meanwhile.
  for (const layer of layers) {
    for (const undo of [undoJson, undoUrl, undoHtml]) layers.add(undo(layer).toLowerCase());
    if (layers.size > MOST_TEXTS) return undefined;
  }
  const texts = new Set<string>();
  for (const layer of layers) {
    for (const shown of [layer, layer.replace(CUT_OFF, '')]) {
      texts.add(shown).add(shown.replace(UNSEEN, ''));
    }
  }
  return texts;
}

/** Undoes JavaScript's escapes too. */
function undoJson(text: string): string {
  return text.replace(
    /\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|\\([^ux])/g,
    (escape, unit?: string, point?: string, byte?: string, letter?: string) =>
      letter === undefined
        ? characterOf(parseInt(unit ?? point ?? byte ?? '', 16), escape)
        : (LETTERS[letter] ?? letter),
  );
}

function undoUrl(text: string): string {
  return text.replace(/%([0-9a-f]{2})/g, (escape, byte: string) =>
    characterOf(parseInt(byte, 16), escape),
  );
}

function undoHtml(text: string): string {
  return text.replace(
    /&#x([0-9a-f]{1,6});?|&#(\d{1,7});?|&([a-z]{2,8});/g,
    (escape, hexadecimal?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? escape;
      const code = hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16);
      return characterOf(code, escape);
    },
  );
}

function characterOf(code: number, escape: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
}

/**
 * Makes one short line of what a service, a gateway or a proxy wrote: credentials are hidden, tags,
 * control and invisible characters become spaces, runs of spaces become one, at most 300 characters
 * are kept.
 */
export function cleanText(text: string, scrub: Scrub): string {
  // Scrubs again after the clean-up, because a tag may have stood inside a secret. Scrubs before the
  // cut, because half a secret would not be recognised.
  return shortened(scrub(tidy(scrub(text.slice(0, CLEANED_AT_MOST)))));
}

/** Cuts a line that is longer than 300 characters. */
export function shortened(line: string): string {
  const characters = [...line];
  return characters.length > LONGEST_LINE
    ? `${characters.slice(0, LONGEST_LINE - 1).join('')}…`
    : line;
}

function tidy(text: string): string {
  return text
    .replace(/<(script|style)\b[^<]*<\/\1>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

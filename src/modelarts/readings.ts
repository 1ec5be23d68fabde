/** Ordinary pages have some ten readings. A guess: whoever writes one with more has something to hide. */
const MOST_READINGS = 100;

/** What nobody sees who reads the text as a page or on a screen: tags, breaks, invisible characters. */
const UNSEEN = /<[^<>]*>|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/** A tag or an escape that was cut in the middle, at the end. */
const CUT_OFF = /(?:<[^<>]*|[\\%&][#\w{]{0,9})$/;

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The printable characters of ASCII that HTML has names for, and what is invisible. */
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", sol: '/', bsol: '\\', plus: '+' },
  ...{ equals: '=', num: '#', dollar: '$', percnt: '%', ast: '*', comma: ',', period: '.' },
  ...{ colon: ':', semi: ';', excl: '!', quest: '?', commat: '@', lowbar: '_', grave: '`' },
  ...{ hat: '^', verbar: '|', vert: '|', lpar: '(', rpar: ')', lsqb: '[', lbrack: '[' },
  ...{ rsqb: ']', rbrack: ']', lcub: '{', lbrace: '{', rcub: '}', rbrace: '}' },
  ...{ nbsp: ' ', shy: '\u00ad', tab: '\t', newline: '\n' },
};

/**
 * What a text may say to whoever undoes its escapes, in any order and as often as it goes, with and
 * without what is not seen between the characters; all in small letters.
 *
 * One kind of escape is undone at a time: of a text that was escaped by two programs, the outer
 * escapes must go before the inner ones are touched, and nobody knows which are which.
 *
 * @returns `undefined` where there are too many
 */
export function readingsOf(text: string): Set<string> | undefined {
  const layers = new Set([text.toLowerCase()]);
  // A set is walked to its end, what is added on the way included.
  for (const layer of layers) {
    for (const undo of [undoJson, undoUrl, undoHtml]) layers.add(undo(layer).toLowerCase());
    if (layers.size > MOST_READINGS) return undefined;
  }
  const readings = new Set<string>();
  for (const layer of layers) {
    for (const reading of [layer, layer.replace(CUT_OFF, '')]) {
      readings.add(reading).add(reading.replace(UNSEEN, ''));
    }
  }
  return readings;
}

/** JavaScript's too. */
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

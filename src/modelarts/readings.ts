/** How often escaped escapes are undone. A guess: three programs in a row is more than was ever seen. */
const LAYERS = 4;

/** What nobody sees who reads the text as a page or on a screen: tags, breaks, invisible characters. */
const UNSEEN = /<[^<>]*>|[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu;

/** An escape of JSON, JavaScript, a URL or HTML. Where another one stands in it, that comes first. */
const ESCAPE =
  /\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|%([0-9a-f]{2})|&#x([0-9a-f]{1,6})(?:;|(?![0-9a-f%\\]))|&#(\d{1,7})(?:;|(?![\d%\\]))|&([a-z]{2,8});|\\([^ux%&])/gi;

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
 * What a text says to whoever undoes its escapes, once or several times, with and without what is
 * not seen between the characters; all in small letters.
 *
 * All kinds of escapes are undone together, so mixed ones are no better a disguise than one kind.
 */
export function readingsOf(text: string): Set<string> {
  const readings = new Set<string>();
  let layer = text.toLowerCase();
  for (let undone = 0; undone <= LAYERS; undone += 1) {
    for (const reading of [layer, layer.replace(CUT_OFF, '')]) {
      readings.add(reading).add(reading.replace(UNSEEN, ''));
    }
    const next = layer.replace(ESCAPE, characterOf).toLowerCase();
    if (next === layer) break;
    layer = next;
  }
  return readings;
}

function characterOf(escape: string, ...groups: (string | undefined)[]): string {
  const [unit, point, byte, percent, hexadecimal, decimal, name, letter] = groups;
  if (name !== undefined) return ENTITIES[name] ?? escape;
  if (letter !== undefined) return LETTERS[letter] ?? letter;
  const code =
    decimal === undefined
      ? parseInt(unit ?? point ?? byte ?? percent ?? hexadecimal ?? '', 16)
      : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
}

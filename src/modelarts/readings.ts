/** Ordinary pages have some ten layers of escapes. A guess: a text with more may hide something. */
const MOST_READINGS = 100;

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

/**
 * All texts that result from undoing a text's escapes, in any order and as often as possible, with
 * and without what is not shown (`UNSEEN`); in lower case.
 *
 * Each step undoes one kind of escape. If two programs escaped the text, the outer escapes must be
 * undone before the inner ones, and nobody knows which are which.
 *
 * @returns `undefined` if there are too many
 */
export function readingsOf(text: string): Set<string> | undefined {
  const layers = new Set([text.toLowerCase()]);
  // The loop also visits what is added to the set meanwhile.
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

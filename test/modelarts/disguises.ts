/** Ways in which a service or a proxy may write a text into its answer. */
type Disguise = (text: string) => string;

const each = (write: (character: string, at: number) => string): Disguise => {
  return (text) => [...text].map(write).join('');
};
const hex = (character: string, digits: number) =>
  character.charCodeAt(0).toString(16).padStart(digits, '0');

/** One layer of escapes, over all characters or over some. */
export const ESCAPES: Readonly<Record<string, Disguise>> = {
  'as JSON': (text) => JSON.stringify(text).slice(1, -1),
  'as JSON with \\/': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'as JSON in \\u': each((character) => `\\u${hex(character, 4)}`),
  'as JSON in \\U': each((character) => `\\u${hex(character, 4).toUpperCase()}`),
  'as JSON, half of it in \\u': each((character, at) =>
    at % 2 === 0 ? `\\u${hex(character, 4)}` : JSON.stringify(character).slice(1, -1),
  ),
  'as JavaScript': each((character) => `\\x${hex(character, 2)}`),
  'as JavaScript with \\u{}': each((character) => `\\u{${hex(character, 2)}}`),
  'for a URL': (text) => encodeURIComponent(text),
  'for a URL in small letters': (text) =>
    encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
  'for a URL, all of it': each((character) => `%${hex(character, 2)}`),
  'for a URL, a third of it': each((character, at) =>
    at % 3 === 0 || character === '%' ? `%${hex(character, 2)}` : character,
  ),
  'for HTML': (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
      .replaceAll('/', '&#47;')
      .replaceAll('=', '&equals;')
      .replaceAll('+', '&plus;'),
  'for HTML in numbers': each((character) => `&#${character.charCodeAt(0)};`),
  'for HTML in hexadecimal': each((character) => `&#x${hex(character, 2)};`),
};

const halves = (between: string): Disguise => {
  return (text) => text.slice(0, text.length / 2) + between + text.slice(text.length / 2);
};

/** What stands between two halves, and is gone for whoever reads the page. */
export const SPLITS: Readonly<Record<string, Disguise>> = {
  'by a tag': halves('<wbr>'),
  'by tags with attributes': halves('</b><b class="x">'),
  'by a script': halves('<script>1</script>'),
  'by a line break': halves('\r\n  '),
  'by an escaped line break': halves('\\n'),
  'by a soft hyphen': halves('\u00ad'),
  'by an escaped space without width': halves('\\u200b'),
  'by a zero': halves('\u0000'),
  'by an escaped tag': halves('&lt;wbr&gt;'),
};

export const CASES: Readonly<Record<string, Disguise>> = {
  'in small letters': (text) => text.toLowerCase(),
  'in capitals': (text) => text.toUpperCase(),
};

/** Two layers: what one program escaped, another escaped again. */
export const TWICE: Readonly<Record<string, Disguise>> = Object.fromEntries(
  Object.entries(ESCAPES).flatMap(([first, inner]) =>
    Object.entries(ESCAPES).map(([second, outer]): [string, Disguise] => [
      `${first}, then ${second}`,
      (text) => outer(inner(text)),
    ]),
  ),
);

const NAMES = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', equals: '=', plus: '+', sol: '/' }),
);

/** Can somebody read the secret in what is shown, who undoes the escapes and joins the halves? */
export function isLegible(secret: string, shown: string): boolean {
  let text = shown;
  for (let layer = 0; layer < 5; layer += 1) {
    for (const reading of [text, text.replace(/<[^<>]*>|[\s\p{C}]/gu, '')]) {
      if (reading.toLowerCase().includes(secret.toLowerCase())) return true;
    }
    text = text.replace(
      /\\u([0-9a-f]{4})|(?:\\x|%)([0-9a-f]{2})|(?:\\u\{|&#x)([0-9a-f]{2})[};]|&#(\d+);|&([a-z]+);|\\([^ux%&])/gi,
      (
        all,
        four?: string,
        two?: string,
        closed?: string,
        decimal?: string,
        name?: string,
        letter?: string,
      ) => {
        if (name !== undefined) return NAMES.get(name.toLowerCase()) ?? all;
        if (letter !== undefined) return letter === 'n' ? '\n' : letter;
        return String.fromCharCode(
          decimal ? Number(decimal) : parseInt(four ?? two ?? closed ?? '', 16),
        );
      },
    );
  }
  return false;
}

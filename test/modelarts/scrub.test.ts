import { readAnswer, requestAnswer } from '../../src/modelarts/answers.js';
import { readDetail, readListPage } from '../../src/modelarts/job-body.js';
import { cleanText } from '../../src/modelarts/scrub.js';
import { answered, scrubOf } from './answered.js';
import { CASES, ESCAPES, isLegible, SPLITS, TWICE } from './disguises.js';
import { AK_SK, TOKEN } from './scripted-client.js';

const SECRET = `Abc/def"ghi+J&kl=m'no`;
const scrub = scrubOf({ kind: 'token', token: SECRET });

/** Everything that an answer shows of a body, in whatever place the echo stands. */
function shown(echo: string): string {
  const bodies = [
    `{"is_success":true,"x":"${echo}"}`,
    `{"x":"${echo}`,
    `<p>502: ${echo}</p>`,
    JSON.stringify({ is_success: false, error_code: 'ModelArts.0104', error_message: echo }),
    JSON.stringify({ error_code: echo }),
    JSON.stringify({ job_id: 197, status: 8, service_url: `https://x.example/?t=${echo}` }),
    JSON.stringify({ jobs: [{ job_id: 197, status: 8, job_name: echo }] }),
  ];
  const answers = bodies.flatMap((body) =>
    [200, 403, 502].flatMap((status) => [
      requestAnswer(answered(status, body), scrub),
      readAnswer(
        answered(status, body),
        (parsed, lookedAt) => {
          const context = { lookedAt, scrub };
          const list = readListPage(parsed, { page: 1, perPage: 10 }, context);
          return list ?? readDetail(parsed, '197', context);
        },
        scrub,
      ),
    ]),
  );
  return JSON.stringify(answers);
}

test.each(Object.entries({ ...ESCAPES, ...SPLITS, ...CASES, ...TWICE }))(
  'a secret that is echoed %s is shown nowhere',
  (_how, disguise) => {
    const echo = disguise(SECRET);
    // The check itself must be able to fail.
    if (!echo.includes('<script>')) expect(isLegible(SECRET, echo)).toBe(true);
    expect(isLegible(SECRET, shown(echo))).toBe(false);
  },
);

test.each([
  '%41%42/secret',
  '\\u0041-a-secret',
  'a<secret>"with&lt;',
  'nnn\\nsecret',
  'qXzJ7wVk!\\N!',
])('a secret that looks escaped itself, %s, is shown nowhere either', (secret) => {
  const hide = scrubOf({ kind: 'token', token: secret });
  for (const disguise of Object.values({ ...ESCAPES, ...TWICE })) {
    const text = hide(`got ${disguise(secret)}, sorry`);
    expect([text, isLegible(secret, text)]).toEqual([expect.stringContaining('***'), false]);
  }
});

test.each([
  ['as it is', TOKEN.token],
  ['encoded for a URL', encodeURIComponent(TOKEN.token)],
  ['encoded for a URL in small letters', encodeURIComponent(TOKEN.token).toLowerCase()],
  ['as JSON with \\/', TOKEN.token.replaceAll('/', '\\/')],
])('an echo %s is hidden, and the words around it stay', (_how, echo) => {
  expect(scrubOf(TOKEN)(`bad token ${echo}, sorry`)).toBe('bad token ***, sorry');
});

test('a text that holds a secret in a rarer disguise is not shown at all', () => {
  const echo = `bad token ${TOKEN.token.slice(0, 9)}<wbr>${TOKEN.token.slice(9)}, sorry`;
  expect(scrubOf(TOKEN)(echo)).toBe('*** (not shown: it may hold a credential)');
});

test('a text without a secret stays as it is', () => {
  for (const text of [
    "This job can't be resubmit. job status: 8",
    'a\\b 100% &amp; <b>\u200b</b> %41 \\u0041',
    '***',
    '',
  ]) {
    expect(scrub(text)).toBe(text);
  }
});

test.each([
  'Signature=0123abcd',
  'signature=0123ABCD',
  'Signature%3D0123abcd',
  'Signature\\u003d0123abcd',
  'Signature&#61;0123abcd',
])('an echoed signature is hidden: %s', (echo) => {
  const text = scrubOf(AK_SK)(`got SignedHeaders=host, ${echo}, sorry`);
  expect(text).toMatch(/^got SignedHeaders=host, signature=\*\*\*, sorry$/i);
});

test('an echoed signature in a rarer disguise is not shown', () => {
  const hide = scrubOf(AK_SK);
  for (const echo of ['Signature=<wbr>0123abcd', '\\u0053ignature=\\u00300123abcd']) {
    expect(hide(echo)).not.toContain('123abcd');
  }
});

test('a secret that looks like a tag is not shown without it', () => {
  const hide = scrubOf({ kind: 'token', token: 'first<middle>last' });
  expect(cleanText('got first<middle>last, sorry', hide)).toBe('got ***, sorry');
});

describe('a secret on the edge', () => {
  const long = scrubOf(AK_SK);

  test('of what is shown leaves no half behind', () => {
    for (let lead = 250; lead <= 300; lead += 1) {
      const text = cleanText('x'.repeat(lead) + AK_SK.secretKey, long);
      expect(text).not.toContain('Example');
    }
  });

  test('of what is looked at leaves no half behind', () => {
    const tags = '<br>'.repeat(2100);
    for (let lead = 8192 - 8 - AK_SK.secretKey.length; lead <= 8192; lead += 1) {
      const text = cleanText(tags.slice(0, lead - 1) + '>' + AK_SK.secretKey + tags, long);
      expect(text).not.toContain(AK_SK.secretKey.slice(0, 8));
    }
  });

  test.each(['', '\\', '\\u', '\\u00', '%', '%4', '&', '&#', '&#x4', '&am', '<', '<wbr'])(
    'of a text that the service itself cut is not shown, also before a rest %j of an escape',
    (rest) => {
      expect(long(`bad key ${AK_SK.secretKey.slice(0, 20)}${rest}`)).not.toContain('Example');
    },
  );
});

test('a text that is escaped too often to be followed is not shown', () => {
  const often = `%${'25'.repeat(150)}71`;
  expect(scrub(`see ${often}`)).toBe('*** (not shown: it may hold a credential)');
});

test('8 kB full of escapes, and a megabyte of them, are searched at once', () => {
  const before = performance.now();
  for (const piece of ['%25', '\\\\', '&amp;', '<', '\\u005c', 'Abc/def"']) {
    cleanText(piece.repeat(200_000), scrub);
  }
  expect(performance.now() - before).toBeLessThan(2_000);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalQuery, sdkDate, sign } from '../../src/modelarts/credentials.js';

interface Vector {
  name: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  date: string;
  ak: string;
  sk: string;
  signedHeaders: string[];
  authorization: string;
  canonicalRequest: string;
  stringToSign: string;
}

const vectors = JSON.parse(
  readFileSync(join(__dirname, 'fixtures/signing-vectors.json'), 'utf8'),
) as {
  vectors: Vector[];
  derived: Vector[];
  canonicalQueryCase: { parameters: Record<string, unknown>; expected: string };
};

function signVector(vector: Vector) {
  const headers = Object.fromEntries(
    Object.entries(vector.headers).filter(([name]) =>
      vector.signedHeaders.includes(name.toLowerCase()),
    ),
  );
  return sign(
    { method: vector.method, url: new URL(vector.url), headers, body: vector.body },
    { accessKey: vector.ak, secretKey: vector.sk },
  );
}

test('there are 19 published and 10 derived vectors', () => {
  expect([vectors.vectors.length, vectors.derived.length]).toEqual([19, 10]);
});

describe.each([...vectors.vectors, ...vectors.derived])('the vector $name', (vector) => {
  test('gives the published signature', () => {
    expect(signVector(vector)).toEqual({
      authorization: vector.authorization,
      canonicalRequest: vector.canonicalRequest,
      stringToSign: vector.stringToSign,
    });
  });

  test('gives another signature with another secret', () => {
    const other = signVector({ ...vector, sk: `${vector.sk}x` });
    expect(other.authorization).not.toBe(vector.authorization);
  });
});

test('a query is sorted and encoded as the Go and Python signers do it', () => {
  const pairs = Object.entries(vectors.canonicalQueryCase.parameters).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
  expect(canonicalQuery(pairs.reverse())).toBe(vectors.canonicalQueryCase.expected);
});

test('names are sorted by code point, not by UTF-16 unit', () => {
  // U+FF5E sorts after U+1F600 by unit (0xFF5E > 0xD83D), before it by code point.
  expect(
    canonicalQuery([
      ['\u{1F600}', ''],
      ['\uFF5E', ''],
    ]),
  ).toBe('%EF%BD%9E=&%F0%9F%98%80=');
});

test('the date has no fractions and no separators', () => {
  expect(sdkDate(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('20260102T030405Z');
});

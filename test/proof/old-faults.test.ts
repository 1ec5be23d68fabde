import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from '@swc/core';
import { OLD_FAULTS } from './old-faults.js';

/*
 * A proof that finds nothing proves nothing. So faults that the protocol once had are put back into a
 * copy of it, one at a time, and the proof must find each.
 */
const ROOT = path.resolve(__dirname, '../..');
const PARTS = ['proof', 'src/domain', 'src/workflows/protocol'];

/** So many show each of them, from the seed on that is given for a rare one. */
const SEEDS = 3_000;

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'old-faults-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function prove(name: string, change: (source: string, file: string) => string, from = 1): string {
  const copy = mkdtempSync(path.join(folder, 'copy-'));
  writeFileSync(path.join(copy, 'package.json'), '{"type":"module"}');
  for (const part of PARTS) {
    mkdirSync(path.join(copy, part), { recursive: true });
    for (const file of readdirSync(path.join(ROOT, part))) {
      const source = change(readFileSync(path.join(ROOT, part, file), 'utf8'), `${part}/${file}`);
      const { code } = transformSync(source, {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      });
      writeFileSync(path.join(copy, part, file.replace(/ts$/, 'js')), code);
    }
  }
  const args = [
    path.join(copy, 'proof', 'index.js'),
    '--seeds',
    String(SEEDS),
    '--from',
    String(from),
    '--most',
    '2',
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (!/^\d+ passed, \d+ failed$/m.test(stdout)) throw new Error(`${name}: ${stdout}${stderr}`);
  return stdout;
}

it('the protocol as it is passes', () => {
  expect(prove('unchanged', (source) => source)).toMatch(
    new RegExp(`^${SEEDS} passed, 0 failed$`, 'm'),
  );
});

it.each(OLD_FAULTS)('$name: the proof finds it', ({ name, edits, rule, from: firstSeed }) => {
  let changed = 0;
  const change = (source: string, of: string): string =>
    edits
      .filter(({ file }) => file === of)
      .reduce((text, { from, to }) => {
        changed += text.split(from).length - 1;
        return text.replace(from, () => to);
      }, source);
  const found = prove(name, change, firstSeed);
  expect(changed).toBe(edits.length);
  expect(found).toMatch(/^✗ seed \d+: /m);
  expect(found).toMatch(rule);
});

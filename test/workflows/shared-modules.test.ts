import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** The lines that give a module a state: a variable, or a collection that can be written to. */
const stateIn = (source: string): string[] =>
  source
    .split('\n')
    .filter(
      (line) =>
        /^(export )?(let|var) /.test(line) ||
        /^(export )?const \w+(: (?!readonly |Readonly)[^=]+)? = (new (Weak)?(Map|Set)\b|\[\]|\{\})/.test(
          line,
        ) ||
        /^ +static (?!readonly )#?\w+(:| =)/.test(line) ||
        /^(export )?const \w+.* = \/.*\/\w*[gy]\w*;/.test(line),
    );

const BUNDLE = readFileSync(path.join(ROOT, 'dist/workflow-bundle.cjs'), 'utf8');

/** Our own modules in the bundle, as paths below `src/` without an ending. */
const MODULES = [...BUNDLE.matchAll(/^\/\*\*\*\/ "\.\/dist\/(.+)\.js"/gm)].map(([, name]) => name!);

/* All workflows of a worker share the bundle's modules; see docs/decisions/0016. */
test('no module of the bundle has a state outside its functions', () => {
  const known = ['domain/status', 'names', 'workflows/index', 'workflows/protocol/run'];
  expect(MODULES).toEqual(expect.arrayContaining(known));
  for (const name of MODULES) {
    const source = readFileSync(path.join(ROOT, 'src', `${name}.ts`), 'utf8');
    expect([name, ...stateIn(source)]).toEqual([name]);
  }
});

test.each([
  'let runs = 0;',
  'const known = new Map<string, number>();',
  'export const seen: Set<string> = new Set(ALL);',
  'const lines: string[] = [];',
  '  static #runs = 0;',
  'const NUMBER = /\\d/g;',
])('`%s` would be a state', (line) => {
  expect(stateIn(line)).toEqual([line]);
});

test('the bundle of the workflows shares its modules', () => {
  expect(BUNDLE).toMatch(/preloadModules\(\) \{\s*__webpack_require__\(.*workflows\/index\.js/);
});

import { readdirSync, readFileSync } from 'node:fs';
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

/* All workflows of a worker share the bundle's modules; see docs/decisions/0016. */
test.each(['src/workflows', 'src/workflows/protocol', 'src/domain'])(
  'no module of %s has a state outside its functions',
  (folder) => {
    const files = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(5);
    for (const name of files) {
      const source = readFileSync(path.join(ROOT, folder, name), 'utf8');
      expect([name, ...stateIn(source)]).toEqual([name]);
    }
  },
);

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
  const bundle = readFileSync(path.join(ROOT, 'dist/workflow-bundle.cjs'), 'utf8');
  expect(bundle).toMatch(/preloadModules\(\) \{\s*__webpack_require__\(.*workflows\/index\.js/);
});

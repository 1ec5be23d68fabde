import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/*
 * A wall whose pattern is slightly off lets everything pass without a word. So the very same
 * configuration is run over a folder of deliberate violations, laid out like the project: each line
 * says which rules it breaks (`// ✗ rule, rule`), and must break those and no others.
 */
const ROOT = path.resolve(__dirname, '../..');
const VIOLATIONS = path.join(__dirname, 'violations');

interface Diagnostic {
  code: string;
  filename: string;
  labels: { span: { line: number } }[];
}

function lint(folder: string): string[] {
  const oxlint = path.join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  try {
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    const found = diagnostics.map(({ code, filename, labels }) => {
      const rule = /\(([^)]+)\)/.exec(code)?.[1] ?? code;
      return `${filename}:${labels[0]?.span.line} ${rule}`;
    });
    // An import that two walls forbid is reported twice.
    return [...new Set(found)];
  } catch (error) {
    throw new Error(`oxlint printed no JSON: ${stdout}${stderr}`, { cause: error });
  }
}

function announcedViolations(): string[] {
  return readdirSync(VIOLATIONS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) => {
          const [, rules, next] = /\/\/ ✗ (.+?)( on the next line)?$/.exec(line) ?? [];
          const where = `${path.relative(VIOLATIONS, file)}:${index + (next === undefined ? 1 : 2)}`;
          return rules?.split(', ').map((rule) => `${where} ${rule}`) ?? [];
        });
    });
}

test('each deliberate violation is found, and nothing that is allowed', () => {
  const project = mkdtempSync(path.join(tmpdir(), 'walls-'));
  try {
    cpSync(VIOLATIONS, project, { recursive: true });
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
      cpSync(path.join(ROOT, file), path.join(project, file));
    }
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(project, 'node_modules'));
    const announced = announcedViolations();
    expect(announced.length).toBeGreaterThan(60);
    expect(lint(project).sort()).toEqual(announced.sort());
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

test('the project itself climbs no wall and has no cycle', () => {
  const walls = / (no-restricted-imports|no-cycle)$/;
  expect(lint(ROOT).filter((violation) => walls.test(violation))).toEqual([]);
});

test('nothing climbs the walls by a dynamic import', () => {
  // Only the command line and the worker may load what they need when they need it.
  const sources = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/^(cli|worker)\b/.test(file))
    .filter((file) =>
      /\b(import|require)\(/.test(readFileSync(path.join(ROOT, 'src', file), 'utf8')),
    );
  expect(sources).toEqual([]);
});

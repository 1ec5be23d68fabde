import { existsSync } from 'node:fs';
import path from 'node:path';
import { codeIn, ROOT, rowsIn, sectionOf, textOf } from './pages.js';

const CONTRIBUTING = textOf('CONTRIBUTING.md');

const questions = rowsIn(sectionOf(CONTRIBUTING, 'Where things go'));

it('answers at least twelve questions about where things go', () => {
  expect(questions.length).toBeGreaterThanOrEqual(12);
});

it.each(questions)('%s: the table names places that exist', (_question, place) => {
  const paths = codeIn(place ?? '');
  expect(paths).not.toEqual([]);
  expect(paths.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

it('the table of folders names folders that exist', () => {
  const folders = rowsIn(sectionOf(CONTRIBUTING, 'How it is built')).flatMap(([folder = '']) =>
    codeIn(folder),
  );
  expect(folders.length).toBeGreaterThan(10);
  expect(folders.filter((folder) => !existsSync(path.join(ROOT, folder)))).toEqual([]);
});

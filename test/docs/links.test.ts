import { existsSync } from 'node:fs';
import path from 'node:path';
import { PAGES, proseOf, ROOT, textOf } from './pages.js';

/** The anchor that a heading gets on GitHub. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string): string[] =>
  [...proseOf(textOf(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));

const links = PAGES.flatMap((page) =>
  [...proseOf(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => ({ page, target })),
);

it.each(PAGES)('each link of %s leads to a page, and to a heading that is there', (page) => {
  const own = links.filter((link) => link.page === page);
  const broken = own.filter(({ target }) => {
    const [file = '', anchor] = target.split('#');
    const to = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
    if (!existsSync(path.join(ROOT, to))) return true;
    return anchor !== undefined && !anchorsOf(to).includes(anchor);
  });
  expect(broken).toEqual([]);
});

it('finds links with and without a heading', () => {
  expect(links.length).toBeGreaterThan(40);
  expect(links.filter(({ target }) => target.includes('#')).length).toBeGreaterThan(5);
});

import { denialOf, type ReadAnswer } from '../domain/answer.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow } from '../modelarts/clock.js';
import type { ListPage } from '../modelarts/job-body.js';

/** How long to wait after ModelArts refused the list: the credentials may allow details only. */
const REFUSED_PAUSE_MS = 10 * 60_000;

/** How many pages are read side by side: few, because a page of a thousand rows has some 500 kB. */
const PAGES_AT_ONCE = 4;

/**
 * Reads the list of one project, and knows on which pages its jobs are. The list comes by ascending
 * job id.
 */
export class ListSweep {
  /** The last job id of each page from the first on, as far as pages have been read. */
  readonly #lastIds: string[] = [];
  /** How many pages the list has, as the last page that was read said. */
  #pages = 1;
  #rowsPerPage = 1;
  #failures = 0;
  #notBefore = -Infinity;
  #underWay = false;
  #startedAt = -Infinity;

  get underWay(): boolean {
    return this.#underWay;
  }

  /** When the last sweep began. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** False for a while after a page failed. */
  get isUsable(): boolean {
    return monotonicNow() >= this.#notBefore;
  }

  /** The pages that are likely to show these jobs, in ascending order. */
  pagesFor(jobIds: Iterable<string>): number[] {
    const pages = new Set<number>();
    for (const jobId of jobIds) pages.add(this.#pageOf(jobId));
    return [...pages].toSorted((a, b) => a - b);
  }

  #pageOf(jobId: string): number {
    let [low, high] = [0, this.#lastIds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBelow(this.#lastIds[middle]!, jobId)) low = middle + 1;
      else high = middle;
    }
    return Math.min(low + 1, Math.max(this.#pages, this.#lastIds.length));
  }

  /**
   * Reads the pages that are likely to show the wanted jobs, then the other pages until all are shown.
   *
   * @param readPage gives the page's rows to those who want them
   * @param missing the wanted jobs that no page has shown yet; asked after each page
   * @returns whether the list was read to its end, or until nothing was missing; false if a page failed
   */
  async sweep(
    readPage: (page: number) => Promise<ReadAnswer<ListPage>>,
    missing: () => readonly string[],
  ): Promise<boolean> {
    this.#underWay = true;
    this.#startedAt = monotonicNow();
    const read = new Set<number>();
    const isGood = async (pages: readonly number[]): Promise<boolean> => {
      for (const page of pages) read.add(page);
      const answers = await Promise.all(
        pages.map(async (page) => this.#learn(page, await readPage(page))),
      );
      return answers.every((isRead) => isRead);
    };
    try {
      const likely = this.pagesFor(missing());
      while (likely.length > 0) {
        if (!(await isGood(likely.splice(0, PAGES_AT_ONCE)))) return false;
      }
      // One page first, because a list may end sooner than its total says.
      for (let next = 1; missing().length > 0; next = PAGES_AT_ONCE) {
        const others = this.#unread(read, next);
        if (others.length === 0) break;
        if (!(await isGood(others))) return false;
      }
      return true;
    } finally {
      this.#underWay = false;
    }
  }

  /** The first pages that have not been read yet, at most `count` of them. */
  #unread(read: ReadonlySet<number>, count: number): number[] {
    const pages: number[] = [];
    for (let page = 1; page <= this.#pages && pages.length < count; page += 1) {
      if (!read.has(page)) pages.push(page);
    }
    return pages;
  }

  /** Notes how long the list is and where the page ends. Returns whether the page could be read. */
  #learn(page: number, answer: ReadAnswer<ListPage>): boolean {
    if (answer.kind !== 'read') {
      this.#failures += 1;
      // Refused credentials are soon others, while a right to the list rarely comes.
      const isForLong = answer.kind === 'refused' && denialOf(answer.error) !== 'credentials';
      const pauseMs = isForLong ? REFUSED_PAUSE_MS : pauseAfter(this.#failures);
      this.#notBefore = monotonicNow() + pauseMs;
      return false;
    }
    this.#failures = 0;
    const { jobs, total, received } = answer.value;
    if (page === 1) this.#rowsPerPage = Math.max(1, received);
    this.#pages = Math.max(1, Math.ceil(total / this.#rowsPerPage));
    // An empty page is beyond the end, whatever the total says.
    if (received === 0) this.#pages = Math.min(this.#pages, Math.max(1, page - 1));
    this.#lastIds.length = Math.min(this.#lastIds.length, this.#pages);
    const lastId = jobs.at(-1)?.jobId;
    // A page that ends as an earlier one is that one again: the list does not go on.
    const same = lastId === undefined ? -1 : this.#lastIds.indexOf(lastId);
    if (same >= 0 && same < page - 1) {
      this.#pages = Math.min(this.#pages, same + 1);
      this.#lastIds.length = same + 1;
      return true;
    }
    if (lastId !== undefined && page <= this.#lastIds.length + 1) this.#lastIds[page - 1] = lastId;
    return true;
  }
}

/** Compares two job ids as numbers, which may have more digits than a JavaScript number holds. */
function isBelow(one: string, other: string): boolean {
  return one.length === other.length ? one < other : one.length < other.length;
}

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
  /** Where each page ends, from the first on, as far as known: its jobs have no higher id. */
  readonly #ends: bigint[] = [];
  /** The last job id of each page that this sweep has read → the page. */
  readonly #read = new Map<bigint, number>();
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
    const id = BigInt(jobId);
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return Math.min(low + 1, Math.max(this.#pages, this.#ends.length));
  }

  /**
   * Reads the pages that show the wanted jobs, as far as known from the pages read so far. Each page tells
   * more about where the other jobs are. Ends once no page is left that may show a missing job.
   *
   * @param readPage gives the page's rows to those who want them
   * @param missing the wanted jobs that no page has shown yet; asked after each page
   * @returns whether all of that could be read, so that the jobs still missing are not in the list
   */
  async sweep(
    readPage: (page: number) => Promise<ReadAnswer<ListPage>>,
    missing: () => readonly string[],
  ): Promise<boolean> {
    this.#underWay = true;
    this.#startedAt = monotonicNow();
    this.#read.clear();
    const read = new Set<number>();
    // One page beyond the known ones first, because a list may end sooner than its total says.
    let unknownAtOnce = 1;
    try {
      for (;;) {
        const likely = this.pagesFor(missing()).filter((page) => !read.has(page));
        if (likely.length === 0) return true;
        const isKnown = likely[0]! <= this.#ends.length;
        const pages = isKnown
          ? likely.filter((page) => page <= this.#ends.length).slice(0, PAGES_AT_ONCE)
          : this.#pagesFrom(likely[0]!, unknownAtOnce).filter((page) => !read.has(page));
        if (!isKnown && pages[0]! > 1) unknownAtOnce = PAGES_AT_ONCE;
        for (const page of pages) read.add(page);
        const answers = await Promise.all(pages.map(readPage));
        // In the order of the pages, because each tells where the next one begins.
        const isGood = pages.map((page, index) => this.#learn(page, answers[index]!));
        if (isGood.includes(false)) return false;
      }
    } finally {
      this.#underWay = false;
    }
  }

  /** This page and those after it, at most `count` of them. */
  #pagesFrom(first: number, count: number): number[] {
    const last = Math.max(first, Math.min(this.#pages, first + count - 1));
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
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
    this.#ends.length = Math.min(this.#ends.length, this.#pages);
    const [first, last] = [jobs[0], jobs.at(-1)].map((job) => job && BigInt(job.jobId));
    if (first === undefined || last === undefined) {
      // Rows that can't be read: what comes after them is on the next page.
      if (received > 0 && page === this.#ends.length + 1) this.#ends.push(this.#ends.at(-1) ?? 0n);
      return true;
    }
    // A page that ends as an earlier one is that one again: the list does not go on.
    const same = this.#read.get(last) ?? page;
    if (same < page) {
      this.#pages = Math.min(this.#pages, same);
      this.#ends.length = Math.min(this.#ends.length, same);
      return true;
    }
    this.#read.set(last, page);
    if (page <= this.#ends.length + 1) this.#noteEnds(page, first, last);
    return true;
  }

  /** Notes where a page begins and ends, and moves the ends of the others that this proves wrong. */
  #noteEnds(page: number, first: bigint, last: bigint): void {
    const ends = this.#ends;
    ends[page - 1] = last;
    for (let before = page - 2; before >= 0; before -= 1) {
      if (before === page - 2 || ends[before]! >= first) ends[before] = first - 1n;
    }
    for (let after = page; after < ends.length; after += 1) {
      if (ends[after]! < last) ends[after] = last;
    }
  }
}

import type { ReadAnswer } from '../domain/answer.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow } from '../modelarts/clock.js';
import type { ListPage } from '../modelarts/job-body.js';

/**
 * With at least this many due jobs per page, the list is cheaper than detail looks. A guess: the
 * gateway counts calls, but a page of a thousand rows has some 500 kB.
 */
const LOOKS_PER_PAGE = 20;

/** How long to wait after ModelArts refused the list: the credentials may allow details only. */
const REFUSED_PAUSE_MS = 10 * 60_000;

/** Reads the list of one project, and knows when that pays and when to pause. */
export class ListSweep {
  /** How many pages the list had the last time. */
  #pages = 1;
  #failures = 0;
  #notBefore = 0;
  #underWay = false;

  get underWay(): boolean {
    return this.#underWay;
  }

  /** Whether a sweep is cheaper than a detail look at each of this many jobs. */
  pay(jobs: number): boolean {
    return jobs >= LOOKS_PER_PAGE * this.#pages && monotonicNow() >= this.#notBefore;
  }

  /**
   * Reads the list page by page.
   *
   * @param isEnough is asked after each page
   * @returns `true` if the list was read to its end or until `isEnough`; `false` if a page failed
   */
  async sweep(
    readPage: (page: number) => Promise<ReadAnswer<ListPage>>,
    isEnough: () => boolean,
  ): Promise<boolean> {
    this.#underWay = true;
    try {
      for (let page = 1, received = 0; ; page += 1) {
        const answer = await readPage(page);
        if (answer.kind !== 'read') {
          this.#pauseAfter(answer);
          return false;
        }
        this.#failures = 0;
        const { total, received: rows } = answer.value;
        received += rows;
        if (page === 1) this.#pages = Math.max(1, Math.ceil(total / Math.max(1, rows)));
        // An empty page is the last one, whatever the total says.
        if (isEnough() || received >= total || rows === 0) return true;
      }
    } finally {
      this.#underWay = false;
    }
  }

  #pauseAfter(answer: Exclude<ReadAnswer<ListPage>, { kind: 'read' }>): void {
    this.#failures += 1;
    const pause = answer.kind === 'refused' ? REFUSED_PAUSE_MS : pauseAfter(this.#failures);
    this.#notBefore = monotonicNow() + pause;
  }
}

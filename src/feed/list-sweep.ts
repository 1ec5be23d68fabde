import type { ReadAnswer } from '../domain/answer.js';
import { pauseAfter } from '../domain/retry.js';
import { monotonicNow } from '../modelarts/clock.js';
import type { ListPage } from '../modelarts/job-body.js';

/**
 * From so many due jobs for each page on, the list is cheaper than detail looks. The gateway counts
 * calls, but a page of a thousand rows has some 500 kB. A guess.
 */
const LOOKS_PER_PAGE = 20;

/** A list that is refused (the credentials may read details only) is asked for again after this. */
const REFUSED_PAUSE_MS = 10 * 60_000;

/** Reads the list of one project, and knows when that pays and when it is to be left alone. */
export class ListSweep {
  /** How many pages the list had the last time. */
  #pages = 1;
  #failures = 0;
  #notBefore = 0;
  #underWay = false;

  get underWay(): boolean {
    return this.#underWay;
  }

  /** Is a pass over the list cheaper than a look at each of so many jobs? */
  pay(jobs: number): boolean {
    return jobs >= LOOKS_PER_PAGE * this.#pages && monotonicNow() >= this.#notBefore;
  }

  /**
   * Reads the list page by page.
   *
   * @param isEnough is asked after each page
   * @returns whether the list was read to its end, or as far as was enough
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
        // Pages end where one is empty, whatever the total says.
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

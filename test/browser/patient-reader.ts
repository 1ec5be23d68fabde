import type { Page } from 'playwright-core';

/** How long a page may take to show what the server knows already. */
const PATIENCE_MS = 45_000;

/**
 * Pages refresh by themselves, but not all parts of them: a person reloads after a while. On a busy
 * machine a page is complete after 5 seconds; who reloads sooner never sees it.
 */
const RELOAD_AFTER_MS = 10_000;

const LOOK_AGAIN_MS = 150;

/** Looks at a page again and again, as a person does who waits for it to show something. */
export class PatientReader {
  readonly page: Page;
  /** The address of the list of workflows, which those of their pages begin with. */
  protected readonly url: string;

  constructor(page: Page, uiUrl: string) {
    this.page = page;
    this.url = `${uiUrl}/namespaces/default/workflows`;
  }

  /** Until it is found; reloads the page after a while. */
  protected reloading<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    let loadedAt = Date.now();
    return this.until(what, async () => {
      // Where a part of the page is not there yet, it comes with the next look.
      const found = await look().catch(() => undefined);
      if (found === undefined && Date.now() - loadedAt > RELOAD_AFTER_MS) {
        await this.page.reload();
        loadedAt = Date.now();
      }
      return found;
    });
  }

  /** Until it is found. */
  protected async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (const startedAt = Date.now(); ;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() - startedAt > PATIENCE_MS) {
        throw new Error(`${this.page.url()} never showed ${what}`);
      }
      await this.page.waitForTimeout(LOOK_AGAIN_MS);
    }
  }
}

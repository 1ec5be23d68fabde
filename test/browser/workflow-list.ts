import { PatientReader } from './patient-reader.js';

/** The page "Workflows": the list and its filters. */
export class WorkflowList extends PatientReader {
  /** Opens the list, filtered by this query. */
  async open(query = ''): Promise<void> {
    await this.page.goto(`${this.url}?${new URLSearchParams({ query }).toString()}`);
  }

  /** Clicks the filter `<attribute> = "<value>"` together. */
  async addFilter(attribute: string, value: string): Promise<void> {
    await this.page.getByTestId('add-filter-button').click();
    await this.page.getByRole('menuitem', { name: attribute }).click();
    await this.page.getByPlaceholder('Enter value').fill(value);
    await this.page.getByRole('button', { name: 'Apply' }).filter({ visible: true }).click();
  }

  /** The ids of the restarts that it shows, sorted, once there are so many. */
  ids(count: number): Promise<string[]> {
    const links = this.page.locator('#content tbody a').filter({ hasText: /^\s*restart:/ });
    return this.reloading(`${count} workflows`, async () => {
      const ids = (await links.allInnerTexts()).map((id) => id.trim());
      return ids.length === count ? ids.toSorted() : undefined;
    });
  }
}

import type { Locator } from 'playwright-core';
import { PatientReader } from './patient-reader.js';

/** What is typed into the form "Start Workflow". */
export interface StartForm {
  workflowId: string;
  taskQueue: string;
  workflowType?: string;
  /** JSON, as typed. */
  input: string;
}

/** What the form fills in is there by then, on a quiet machine. */
const SETTLE_MS = 500;

/** The Temporal UI as a person uses it: forms, buttons, tabs and what they show. */
export class TemporalUi extends PatientReader {
  /** Fills the form, starts the workflow and opens its page. */
  async start(form: StartForm): Promise<void> {
    await this.submit(form);
    await this.page.getByRole('link', { name: 'Workflow started successfully' }).click();
    await this.#heading.waitFor();
  }

  /** Opens the link that fills the form, types the input, and presses the button. */
  async submit(form: StartForm): Promise<void> {
    const { input, workflowType = 'restartVisualizationJob', ...ids } = form;
    const fields = { ...ids, workflowType };
    await this.page.goto(`${this.url}/start-workflow?${asQuery(fields)}`);
    const editor = this.page.getByRole('textbox', { name: 'Data' });
    // Under an id that has been used the form fills in that one's input, when it gets to it.
    await this.until(`the input ${input}`, async () => {
      await editor.click();
      await this.page.keyboard.press('ControlOrMeta+A');
      await this.page.keyboard.type(input);
      // The editor lays the JSON out anew when it is left, which moves the button below it.
      await this.page.locator('h1').first().click();
      await this.page.waitForTimeout(SETTLE_MS);
      return sameJson(await editor.innerText(), input) || undefined;
    });
    for (const [id, value] of Object.entries(fields)) {
      expect(await this.page.locator(`#${id}`).inputValue()).toBe(value);
    }
    await this.page.getByRole('button', { name: 'Start Workflow' }).click();
  }

  /** Waits until the page says this, wherever. */
  async says(text: string): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Opens the page of a workflow's latest run. */
  async open(workflowId: string): Promise<void> {
    await this.page.goto(`${this.url}/${encodeURIComponent(workflowId)}`);
    await this.#heading.waitFor();
  }

  get #heading(): Locator {
    return this.page.getByTestId('workflow-id-heading').first();
  }

  /** Goes to a tab of the run's page: `timeline`, `history`, `user-metadata`, … */
  async tab(name: string): Promise<void> {
    await this.page.getByTestId(`${name}-tab`).click();
  }

  /** Waits until the run's page shows this status: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELED`. */
  async showsStatus(status: string): Promise<void> {
    const shown = this.page.getByTestId('execution-status').first();
    await this.reloading(
      `the status ${status}`,
      async () => (await shown.innerText()).toUpperCase() === status || undefined,
    );
  }

  /** Waits until a tab shows all these texts. */
  async showsTexts(tab: string, texts: readonly string[]): Promise<void> {
    await this.tab(tab);
    await this.reloading(`all of: ${texts.join(' | ')}`, async () => {
      const text = inOneLine(await this.page.locator('#content').innerText());
      return texts.every((wanted) => text.includes(wanted)) || undefined;
    });
  }

  /** Waits until the current details of the run contain this, and answers with their text. */
  async detailsWith(wanted: string): Promise<string> {
    await this.tab('user-metadata');
    // Markdown is rendered in frames; there are others for the summary and the details of the start.
    const details = this.page.locator('#content iframe').last().contentFrame().locator('main');
    return this.reloading(`current details with: ${wanted}`, async () => {
      if (await details.isVisible()) {
        const text = await details.innerText();
        if (text.includes(wanted)) return text;
      }
      // The page says: "Press the R for freshness".
      await this.page.keyboard.press('r');
      return undefined;
    });
  }

  /** What the box "Result" shows of a result or a failure, once it contains this. */
  async resultWith(wanted: string): Promise<string> {
    await this.tab('timeline');
    const box = this.page.getByTestId('input-and-result').getByLabel('Result');
    return this.reloading(`a result with: ${wanted}`, async () => {
      const text = await box.innerText();
      return text.includes(wanted) ? text : undefined;
    });
  }

  /** Presses "Request Cancellation" and confirms. */
  async cancel(): Promise<void> {
    await this.page.getByRole('button', { name: 'Request Cancellation' }).click();
    await this.#confirm(this.#dialog('Cancel Workflow'));
  }

  /** Chooses the signal in the menu "More Actions" and sends it without data. */
  async signal(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    await this.page.getByRole('menuitem', { name: 'Send a Signal' }).click();
    const dialog = this.#dialog('Send a Signal');
    await dialog.getByTestId('signal-select-button').click();
    await dialog.getByRole('option', { name }).click();
    await this.#confirm(dialog);
  }

  /** Chooses the update in the menu "More Actions" and sends it with this, as typed. */
  async update(name: string, input: string): Promise<void> {
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    await this.page.getByRole('menuitem', { name: 'Send an Update' }).click();
    const dialog = this.#dialog('Send an Update');
    await dialog.getByTestId('update-select-button').click();
    await dialog.getByRole('option', { name }).click();
    await dialog.locator('.cm-content').click();
    await this.page.keyboard.type(input);
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  #dialog(title: string): Locator {
    return this.page.getByRole('dialog').filter({ visible: true, hasText: title }).first();
  }

  async #confirm(dialog: Locator): Promise<void> {
    await dialog.getByTestId('confirm-modal-button').click();
    await dialog.waitFor({ state: 'hidden' });
  }
}

/** The page's spaces are of several kinds. */
const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const asQuery = (values: Record<string, string>): string => new URLSearchParams(values).toString();

function sameJson(shown: string, typed: string): boolean {
  try {
    return JSON.stringify(JSON.parse(shown)) === JSON.stringify(JSON.parse(typed));
  } catch {
    return false;
  }
}

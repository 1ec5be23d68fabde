/**
 * Every credential of these tests has a canary in it: a word that stands nowhere else. Whatever the programs
 * say, to people or to Temporal, is searched for it.
 */

/** Letters and digits alone, so that escaping it for JSON, HTML or a URL changes nothing. */
export const CANARY = 'CanaryOfTheTests';

/** In each credential that the simulator makes up. */
const SIMULATED = 'SimulatedSecret';

/** What a test leaves in a history on purpose. A search that does not find it has not searched. */
export const PLANTED = 'PlantedForTheScan';

/**
 * The words in plain text, and what is the same in their Base64 wherever they stand.
 *
 * @param {readonly string[]} words
 */
function formsOf(words) {
  return words.flatMap((word) => [word, ...[0, 1, 2].map((offset) => inBase64(word, offset))]);
}

/**
 * @param {string} word
 * @param {number} offset how many bytes stand before it, modulo 3
 */
function inBase64(word, offset) {
  const text = Buffer.from('\0'.repeat(offset) + word).toString('base64');
  // The first and the last characters depend on what stands beside the word.
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + word.length) * 8) / 6));
}

const CREDENTIALS = formsOf([CANARY, SIMULATED]);
const PLANTED_FORMS = formsOf([PLANTED]);

/** @param {string | Buffer} text */
export const hasCredential = (text) => CREDENTIALS.some((form) => text.includes(form));

/** @param {string | Buffer} text */
const isPlanted = (text) => PLANTED_FORMS.some((form) => text.includes(form));

/** How many histories are read at a time. */
const AT_ONCE = 8;

/**
 * Searches the histories of all workflows for credentials, and what Temporal holds of activities that are under
 * way, such as heartbeats.
 *
 * @param {import('@temporalio/client').Client} client
 * @param {string} [query] of which workflows; default all
 * @returns {Promise<{ workflows: number, events: number, planted: number, leaks: string[] }>}
 */
export async function scanHistories(client, query) {
  const found = { workflows: 0, events: 0, planted: 0, leaks: /** @type {string[]} */ ([]) };
  const workflows = client.workflow.list({ ...(query !== undefined && { query }) });
  const iterator = workflows[Symbol.asyncIterator]();
  /** @param {string} where @param {unknown} value */
  const search = (where, value) => {
    for (const text of textsIn(value)) {
      if (isPlanted(text)) found.planted += 1;
      if (hasCredential(text)) found.leaks.push(where);
    }
  };
  const readSome = async () => {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return;
      const { workflowId, runId, status } = value;
      const handle = client.workflow.getHandle(workflowId, runId);
      const { events } = await handle.fetchHistory();
      for (const event of events ?? [])
        search(`${workflowId}, event ${String(event.eventId)}`, event);
      if (status.name === 'RUNNING') search(workflowId, (await handle.describe()).raw);
      found.workflows += 1;
      found.events += events?.length ?? 0;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readSome));
  return found;
}

/**
 * All texts and bytes in a message of Temporal's.
 *
 * @param {unknown} value
 * @returns {Generator<string | Buffer>}
 */
function* textsIn(value) {
  if (typeof value === 'string') yield value;
  else if (value instanceof Uint8Array) {
    yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      yield key;
      yield* textsIn(part);
    }
  }
}

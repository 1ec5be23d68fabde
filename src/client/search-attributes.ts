import type { Client } from '@temporalio/client';
import { KEYWORD, SEARCH_ATTRIBUTES } from '../names.js';
import { callingWithin } from './temporal-call.js';

const ANSWER_WITHIN_MS = 10_000;

/** The project's search attributes, by how the namespace has them. */
export interface SearchAttributeState {
  registered: string[];
  missing: string[];
  /** Registered, but not as Keyword: a restart can't write them. */
  ofAnotherType: string[];
}

/** Tells which of the search attributes the namespace has registered. Not every Temporal says. */
export async function searchAttributeState(client: Client): Promise<SearchAttributeState> {
  const { namespace } = client.options;
  const { customAttributes } = await callingWithin(client, ANSWER_WITHIN_MS, () =>
    client.connection.operatorService.listSearchAttributes({ namespace }),
  );
  const typeOf = (name: string): number | undefined => {
    const type = customAttributes?.[name];
    return type === undefined || type === null ? undefined : Number(type);
  };
  return {
    registered: SEARCH_ATTRIBUTES.filter((name) => typeOf(name) === KEYWORD),
    missing: SEARCH_ATTRIBUTES.filter((name) => typeOf(name) === undefined),
    ofAnotherType: SEARCH_ATTRIBUTES.filter((name) => ![undefined, KEYWORD].includes(typeOf(name))),
  };
}

/** Registers those that are missing. Twice is without harm. Temporal Cloud has its own console for it. */
export async function registerSearchAttributes(client: Client): Promise<SearchAttributeState> {
  const before = await searchAttributeState(client);
  if (before.missing.length === 0) return before;
  const { namespace } = client.options;
  const searchAttributes = Object.fromEntries(
    before.missing.map((name) => [name, KEYWORD] as const),
  );
  await callingWithin(client, ANSWER_WITHIN_MS, () =>
    client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
  );
  return before;
}

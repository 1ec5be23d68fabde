import type { Client } from '@temporalio/client';
import { KEYWORD, registeredAmong, SEARCH_ATTRIBUTES } from '../names.js';
import { ANSWER_WITHIN_MS, callingWithin, isAlreadyExists } from './temporal-call.js';

/** Which of the project's search attributes the namespace has. */
export interface SearchAttributeState {
  registered: string[];
  missing: string[];
  /** Registered, but not as Keyword: a restart can't write them. */
  ofAnotherType: string[];
}

/** Tells which of the search attributes the namespace has registered. Fails if Temporal does not tell. */
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
    registered: registeredAmong(customAttributes),
    missing: SEARCH_ATTRIBUTES.filter((name) => typeOf(name) === undefined),
    ofAnotherType: SEARCH_ATTRIBUTES.filter((name) => ![undefined, KEYWORD].includes(typeOf(name))),
  };
}

/** Registers the missing search attributes; idempotent. For Temporal Cloud, use its own console. */
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

/** Where a Nexus endpoint leads to. Empty strings if that is outside of this Temporal. */
export interface NexusTarget {
  namespace: string;
  taskQueue: string;
}

/** Where the endpoint of this name leads to; `undefined` if there is none. */
export async function nexusEndpoint(
  client: Client,
  name: string,
): Promise<NexusTarget | undefined> {
  const { endpoints } = await callingWithin(client, ANSWER_WITHIN_MS, () =>
    client.connection.operatorService.listNexusEndpoints({ name }),
  );
  const [endpoint] = endpoints ?? [];
  if (endpoint === undefined) return undefined;
  const { namespace, taskQueue } = endpoint.spec?.target?.worker ?? {};
  return { namespace: namespace ?? '', taskQueue: taskQueue ?? '' };
}

/** The names of the endpoints that lead to the client's namespace and this task queue. */
export async function nexusEndpointsTo(client: Client, taskQueue: string): Promise<string[]> {
  const { namespace } = client.options;
  const names: string[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const ask = { nextPageToken };
    const page = await callingWithin(client, ANSWER_WITHIN_MS, () =>
      client.connection.operatorService.listNexusEndpoints(ask),
    );
    for (const { spec } of page.endpoints) {
      const { namespace: into, taskQueue: queue } = spec?.target?.worker ?? {};
      if (into === namespace && queue === taskQueue) names.push(spec?.name ?? '');
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return names;
}

/**
 * Creates an endpoint that leads to the client's namespace and this task queue; idempotent. Does not
 * change an existing endpoint of this name, wherever it leads. A name counts for the whole server.
 *
 * @returns where the existing endpoint leads to; `undefined` if this call created it
 */
export async function createNexusEndpoint(
  client: Client,
  name: string,
  taskQueue: string,
): Promise<NexusTarget | undefined> {
  const before = await nexusEndpoint(client, name);
  if (before !== undefined) return before;
  const { namespace } = client.options;
  const spec = { name, target: { worker: { namespace, taskQueue } } };
  try {
    await callingWithin(client, ANSWER_WITHIN_MS, () =>
      client.connection.operatorService.createNexusEndpoint({ spec }),
    );
  } catch (error) {
    // Somebody else created it at the same time.
    if (isAlreadyExists(error)) return nexusEndpoint(client, name);
    throw error;
  }
  return undefined;
}

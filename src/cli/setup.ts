import {
  createNexusEndpoint,
  type NexusTarget,
  registerSearchAttributes,
  type SearchAttributeState,
  TemporalRefusedError,
} from '../client/index.js';
import { DEFAULT_NEXUS_ENDPOINT, SEARCH_ATTRIBUTES } from '../names.js';
import { EXIT, type ExitCode } from '../exit.js';
import { connect, taskQueueOf, type Temporal } from './connect.js';
import { explain } from './errors.js';
import { print, printJson, tell } from './output.js';

export interface SetupFlags {
  nexus?: boolean;
  /** Names the endpoint, and asks for it as `nexus` does. */
  nexusEndpoint?: string;
  json?: boolean;
}

/**
 * `setup`: registers the search attributes. Creates the Nexus endpoint only if asked to, because all
 * namespaces of the server share it. Restarts work without both, so if one can't be made, the other
 * still is.
 */
export async function setup(flags: SetupFlags): Promise<ExitCode> {
  const temporal = await connect(process.env);
  const taskQueue = taskQueueOf(process.env);
  const name = flags.nexusEndpoint ?? DEFAULT_NEXUS_ENDPOINT;
  const isAsked = flags.nexus === true || flags.nexusEndpoint !== undefined;
  const attributes = await attempt(() => registerSearchAttributes(temporal.client));
  const endpoint = isAsked
    ? await attempt(() => createNexusEndpoint(temporal.client, name, taskQueue))
    : undefined;
  const target = { namespace: temporal.namespace, taskQueue };
  const obstacles = [
    ...attributeObstacles(attributes, temporal),
    ...(endpoint === undefined ? [] : endpointObstacles(endpoint, name, target)),
  ];
  if (flags.json === true) {
    printJson({
      namespace: temporal.namespace,
      ...('value' in attributes && asJson(attributes.value)),
      ...(endpoint !== undefined &&
        'value' in endpoint && { nexusEndpoint: { name, ...(endpoint.value ?? target) } }),
      obstacles,
    });
  } else {
    if ('value' in attributes) printAttributes(attributes.value, temporal);
    if (endpoint !== undefined && 'value' in endpoint && isAsWanted(endpoint.value, target)) {
      const done = endpoint.value === undefined ? 'created' : 'was there already';
      print(`Nexus endpoint ${name}: ${done}; it leads to ${nameOf(target)}`);
    }
    for (const obstacle of obstacles) tell(obstacle);
  }
  return obstacles.length > 0 ? EXIT.failed : EXIT.done;
}

type Attempted<T> = { value: T } | { why: string };

/** Not every Temporal lets clients create these. Temporal Cloud has its own console for them. */
async function attempt<T>(make: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { value: await make() };
  } catch (error) {
    const { code, message } = explain(error);
    if (code === EXIT.unreachable && !(error instanceof TemporalRefusedError)) throw error;
    return { why: message };
  }
}

function asJson({ registered, missing, ofAnotherType }: SearchAttributeState): object {
  return { added: missing, already: registered, ofAnotherType };
}

function printAttributes(
  { registered, missing }: SearchAttributeState,
  { namespace, address }: Temporal,
): void {
  for (const name of missing)
    print(`${name}: registered in the namespace ${namespace} at ${address}`);
  for (const name of registered) print(`${name}: was there already`);
}

function attributeObstacles(
  attributes: Attempted<SearchAttributeState>,
  { namespace, address }: Temporal,
): string[] {
  if ('why' in attributes) {
    if (/namespace .*not found/i.test(attributes.why)) {
      return [
        `Temporal at ${address} has no namespace "${namespace}": set TEMPORAL_NAMESPACE to one that it has, or create this one.`,
      ];
    }
    const names = SEARCH_ATTRIBUTES.join(', ');
    return [
      `The search attributes could not be registered in the namespace ${namespace} at ${address}: ${attributes.why}\n` +
        `Register them as Keyword by its console or its administrators: ${names}. Restarts work without them.`,
    ];
  }
  return attributes.value.ofAnotherType.map(
    (name) =>
      `${name}: is there, but not as Keyword, so restarts don’t write it; remove it, then run setup again`,
  );
}

function endpointObstacles(
  endpoint: Attempted<NexusTarget | undefined>,
  name: string,
  target: NexusTarget,
): string[] {
  if ('why' in endpoint) {
    return [
      `The Nexus endpoint ${name} could not be created: ${endpoint.why}\n` +
        `Create it by Temporal’s console or its administrators, to lead to ${nameOf(target)}. Only callers by Nexus need it.`,
    ];
  }
  if (isAsWanted(endpoint.value, target)) return [];
  return [
    `Nexus endpoint ${name}: is there, but leads to ${nameOf(endpoint.value!)}, not to ${nameOf(target)}, and is left as it is; ` +
      `change it with "temporal operator nexus endpoint update --name ${name} --target-namespace ${target.namespace} --target-task-queue ${target.taskQueue}"`,
  ];
}

/** Whether the endpoint was just created, or exists and leads where it should. */
function isAsWanted(
  before: NexusTarget | undefined,
  { namespace, taskQueue }: NexusTarget,
): boolean {
  return before === undefined || (before.namespace === namespace && before.taskQueue === taskQueue);
}

function nameOf({ namespace, taskQueue }: NexusTarget): string {
  return taskQueue === ''
    ? 'somewhere else'
    : `the task queue ${taskQueue} in the namespace ${namespace}`;
}

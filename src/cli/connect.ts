import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { TemporalRefusedError, TemporalUnreachableError } from '../client/errors.js';
import { callingWithin, isUnimplemented } from '../client/temporal-call.js';
import { isProjectId } from '../domain/parse-options.js';
import { type Environment, loadTemporalProfile } from '../environment.js';
import { DEFAULT_TASK_QUEUE } from '../names.js';
import { UsageError } from './errors.js';
import { whoCalls } from './who.js';

/** Shorter than the worker's time, because somebody waits at a prompt. */
const CONNECT_WITHIN_MS = 5_000;

export interface Temporal {
  client: Client;
  address: string;
  namespace: string;
}

/**
 * Connects with Temporal's standard variables and `temporal.toml`.
 *
 * @throws TemporalUnreachableError, TemporalRefusedError; UsageError if the settings can't be read
 */
export async function connect(
  environment: NodeJS.ProcessEnv,
  withinMs = CONNECT_WITHIN_MS,
): Promise<Temporal> {
  const profile = loadTemporalProfile(environment, (problem) => new UsageError(problem));
  const { connectionOptions, namespace, address } = profile;
  const connection = lazyConnection({ ...connectionOptions, address });
  const client = new Client({ connection, namespace, identity: whoCalls() });
  try {
    // Every Temporal since 1.15 has this call.
    await callingWithin(client, withinMs, () => connection.workflowService.getSystemInfo({}));
  } catch (error) {
    await connection.close();
    if (error instanceof TemporalUnreachableError || error instanceof TemporalRefusedError) {
      throw error;
    }
    const why = isUnimplemented(error) ? 'what answers there is no Temporal' : String(error);
    throw new TemporalUnreachableError(address, why);
  }
  return { client, address, namespace };
}

/** Turns the SDK's TypeError for an impossible address into a `UsageError`. */
function lazyConnection(options: ConnectionOptions): Connection {
  try {
    return Connection.lazy(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      `TEMPORAL_ADDRESS must be <host>:<port>, such as localhost:7233; got ${JSON.stringify(options.address)} (${error.message})`,
    );
  }
}

export function taskQueueOf(environment: Environment): string {
  return environment['TEMPORAL_TASK_QUEUE'] || DEFAULT_TASK_QUEUE;
}

/** The project of the flag, or else of this environment. The worker's project is not known here. */
export function projectOf(flag: string | undefined, environment: Environment): string | undefined {
  const { HW_PROJECT_ID, HUAWEICLOUD_SDK_PROJECT_ID } = environment;
  const variable = HW_PROJECT_ID ? 'HW_PROJECT_ID' : 'HUAWEICLOUD_SDK_PROJECT_ID';
  const [name, value] =
    flag !== undefined
      ? ['--project', flag]
      : [variable, HW_PROJECT_ID || HUAWEICLOUD_SDK_PROJECT_ID || undefined];
  if (value === undefined || isProjectId(value)) return value;
  throw new UsageError(
    `${name} must be 32 lower-case letters and digits; got ${JSON.stringify(value)}`,
  );
}

/** @throws UsageError if there is no project */
export function needProject(flag: string | undefined, environment: Environment): string {
  const projectId = projectOf(flag, environment);
  if (projectId !== undefined) return projectId;
  throw new UsageError('no project: give --project <id>, or set HW_PROJECT_ID');
}

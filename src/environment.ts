import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment without empty variables, which count as absent. */
export function withoutEmpty(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** Settings are bad or missing. The message lists every problem by the variable's name, without secrets. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(readonly problems: readonly string[]) {
    super(`Bad settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** How to reach Temporal, with the defaults filled in. */
interface TemporalProfile {
  connectionOptions: NonNullable<ClientConnectConfig['connectionOptions']>;
  namespace: string;
  address: string;
}

/**
 * Loads Temporal's standard variables and `temporal.toml`, as the SDK reads them.
 *
 * @param badSettings makes the error to throw, from a sentence on what the SDK can't read
 */
export function loadTemporalProfile(
  environment: Environment,
  badSettings: (problem: string) => Error,
): TemporalProfile {
  try {
    // The SDK would turn TLS on for an empty API key.
    const overrideEnvVars = withoutEmpty(environment);
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({
      overrideEnvVars,
    });
    const { address = 'localhost:7233' } = connectionOptions;
    return { connectionOptions, namespace, address };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badSettings(`Temporal’s settings (TEMPORAL_… or temporal.toml): ${why}`);
  }
}

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
 * @param badSettings makes the error to throw, from a sentence on what the SDK can't read or send
 */
export function loadTemporalProfile(
  environment: Environment,
  badSettings: (problem: string) => Error,
): TemporalProfile {
  const refuse = (why: string): Error =>
    badSettings(`Temporal’s settings (TEMPORAL_… or temporal.toml): ${why}`);
  let config: ClientConnectConfig;
  try {
    // The SDK would turn TLS on for an empty API key.
    config = loadClientConnectConfig({ overrideEnvVars: withoutEmpty(environment) });
  } catch (error) {
    throw refuse(whyUnreadable(error));
  }
  const { connectionOptions, namespace = 'default' } = config;
  const { address = 'localhost:7233', apiKey, metadata = {} } = connectionOptions;
  // A key that was read from a file often ends with a line break.
  const key = typeof apiKey === 'string' ? apiKey.replace(/[\r\n]+$/, '') : undefined;
  const sent = { 'the API key': key ?? '', ...textsOf(metadata) };
  for (const [name, value] of Object.entries(sent)) {
    if (HEADER_TEXT.test(value)) continue;
    throw refuse(`${name} has a line break or another character that can’t be sent`);
  }
  return {
    connectionOptions: { ...connectionOptions, ...(key !== undefined && { apiKey: key }) },
    namespace,
    address,
  };
}

/** What a header of gRPC may have (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
const HEADER_TEXT = /^[\x20-\x7e]*$/;

function textsOf(metadata: object): Record<string, string> {
  const texts = Object.entries(metadata).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts.map(([name, text]) => [`the header ${name}`, text]));
}

/** The first line alone: the parser of TOML quotes the lines around a mistake, and these may hold a key. */
function whyUnreadable(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const { line } = new Object(error) as { line?: unknown };
  return `${text.split('\n', 1)[0]}${typeof line === 'number' ? ` (line ${line})` : ''}`;
}

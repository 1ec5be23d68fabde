import { inspect } from 'node:util';
import {
  createModelArtsClient,
  type Credentials,
  type ModelArtsClient,
  type ModelArtsClientOptions,
} from '../../src/modelarts/client.js';
import { serve, type Script, type ScriptedServer } from './scripted-server.js';

export const PROJECT = '0123456789abcdef0123456789abcdef';
export const JOB = { projectId: PROJECT, jobId: '197' };

export const AK_SK = {
  kind: 'ak-sk',
  accessKey: 'EXAMPLEACCESSKEY0001',
  secretKey: 'ExampleSecretKeyNotReal0123456789abcdefg',
  securityToken: 'example-security-token-value',
} as const satisfies Credentials;

export const TOKEN = { kind: 'token', token: 'example-iam-token+/=0123' } as const;

const SECRETS = [AK_SK.accessKey, AK_SK.secretKey, AK_SK.securityToken, TOKEN.token];

const closers: (() => Promise<void>)[] = [];

export function onClose(close: () => Promise<void>): void {
  closers.push(close);
}

/** Closes what the test opened, newest first. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export function clientOf(
  endpoint: string,
  options: Partial<Omit<ModelArtsClientOptions, 'endpoint'>> = {},
): ModelArtsClient {
  const client = createModelArtsClient({
    endpoint,
    credentials: AK_SK,
    requestTimeoutMs: 5_000,
    ...options,
  });
  closers.push(() => client.close());
  return client;
}

export async function scripted(
  script: Script,
  options: { credentials?: Credentials; requestTimeoutMs?: number } = {},
): Promise<{ server: ScriptedServer; client: ModelArtsClient }> {
  const server = await serve(script);
  closers.push(() => server.close());
  return { server, client: clientOf(server.endpoint, options) };
}

/** Asks everything that a client can ask, and looks for credentials in what it answers. */
export async function expectNoSecrets(client: ModelArtsClient): Promise<void> {
  const answers = await Promise.all([
    client.restart(JOB),
    client.stop(JOB),
    client.detail(JOB),
    client.list(PROJECT, {}),
  ]);
  const shown = JSON.stringify(answers) + inspect(answers, { depth: Infinity, showHidden: true });
  for (const secret of SECRETS) expect(shown).not.toContain(secret);
}

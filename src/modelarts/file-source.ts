import { orAborted } from '../domain/or-aborted.js';
import { type Credentials, isSame, partsOf } from './credentials.js';
import {
  type CredentialsReport,
  type CredentialsSource,
  SecretBook,
  type Supply,
} from './credentials-source.js';
import { headerSecretIn, WatchedFiles } from './watched-files.js';

/** A value as the settings have it: itself, or the path of a file that holds it. */
export type Setting = { value: string } | { file: string };

/** Credentials of which at least one part is in a file. */
export type FileCredentials =
  | { kind: 'key-files'; accessKey: Setting; secretKey: Setting; securityToken?: Setting }
  | { kind: 'token-file'; token: Setting };

/** Credentials whose parts are in files, each part in a file of its own. */
export function fileSource(
  settings: FileCredentials,
  from: string,
  report: CredentialsReport,
): CredentialsSource {
  const parts: (Setting | undefined)[] =
    settings.kind === 'token-file'
      ? [settings.token]
      : [settings.accessKey, settings.secretKey, settings.securityToken];
  const paths = parts.flatMap((part) => (part && 'file' in part ? [part.file] : []));
  const parse = (texts: readonly string[]): Credentials => {
    const left = [...texts];
    const [first = '', second = '', third] = parts.map(
      (part) => part && ('file' in part ? headerSecretIn(left.shift() ?? '') : part.value),
    );
    if (settings.kind === 'token-file') return { kind: 'token', token: first };
    const keys = { kind: 'ak-sk', accessKey: first, secretKey: second } as const;
    return third === undefined ? keys : { ...keys, securityToken: third };
  };
  return watchedSource(new WatchedFiles({ paths, parse, report }), from);
}

/** How long a refused call waits to see whether the files have changed. A file system may not answer. */
const CHECK_MS = 2_000;

/** Credentials that are read again when their files have changed. */
export function watchedSource(files: WatchedFiles<Credentials>, from: string): CredentialsSource {
  const secrets = new SecretBook();

  async function current(signal: AbortSignal): Promise<Supply> {
    const credentials = await orAborted(files.value(), signal);
    if (credentials === undefined) {
      return { kind: 'later', error: { message: `no credentials: ${from} can’t be read` } };
    }
    secrets.add(...partsOf(credentials));
    return { kind: 'ready', credentials };
  }

  return {
    from,
    current,
    async refresh(refused) {
      const signal = AbortSignal.timeout(CHECK_MS);
      try {
        await orAborted(files.check(true), signal);
        const supply = await current(signal);
        return supply.kind === 'ready' && !isSame(refused, supply.credentials);
      } catch (error) {
        if (!signal.aborted) throw error;
        return false;
      }
    },
    secrets: () => secrets.all(),
    expiresAtMs: () => undefined,
    close: () => Promise.resolve(),
  };
}

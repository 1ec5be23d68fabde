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
  return watchedSource(new WatchedFiles({ paths, parse, report }), from, report);
}

/** How long a refused call waits to see whether the files have changed. A file system may not answer. */
const CHECK_MS = 2_000;

/**
 * Credentials that are read again when their files have changed. If the service refuses the new ones, the last
 * ones that it took stay in use until the files change again: somebody may have replaced one file of two.
 */
export function watchedSource(
  files: WatchedFiles<Credentials>,
  from: string,
  report: CredentialsReport,
): CredentialsSource {
  const secrets = new SecretBook();
  /** The last credentials that the service took. */
  let taken: Credentials | undefined;
  /** What the files hold, and the service has refused. */
  let setAside: Credentials | undefined;
  /** What the service took once and has refused since. A call that began before may be answered later. */
  let withdrawn: Credentials | undefined;

  async function current(signal: AbortSignal): Promise<Supply> {
    const read = await orAborted(files.value(), signal);
    if (read === undefined) {
      return { kind: 'later', error: { message: `no credentials: ${from} can’t be read` } };
    }
    if (setAside !== undefined && !isSame(read, setAside)) setAside = undefined;
    if (withdrawn !== undefined && isSame(read, withdrawn)) withdrawn = undefined;
    const credentials = setAside === undefined ? read : (taken ?? read);
    secrets.add(...partsOf(credentials));
    return { kind: 'ready', credentials };
  }

  function noteRefusal(refused: Credentials): void {
    if (taken === undefined) return;
    if (isSame(taken, refused)) {
      withdrawn = taken;
      taken = undefined;
    } else if (setAside === undefined) {
      setAside = refused;
      const sentence = 'The new credentials are refused; the last good ones stay in use';
      report('warn', sentence, { credentialsFrom: from });
    }
  }

  return {
    from,
    current,
    recheck: () =>
      orAborted(files.check(true), AbortSignal.timeout(CHECK_MS)).catch(() => undefined),
    async refresh(refused) {
      const signal = AbortSignal.timeout(CHECK_MS);
      try {
        await orAborted(files.check(true), signal);
        const before = await current(signal);
        if (before.kind === 'ready' && isSame(refused, before.credentials)) noteRefusal(refused);
        const supply = await current(signal);
        return supply.kind === 'ready' && !isSame(refused, supply.credentials);
      } catch (error) {
        if (!signal.aborted) throw error;
        return false;
      }
    },
    taken(credentials) {
      if (withdrawn !== undefined && isSame(withdrawn, credentials)) return;
      if (setAside !== undefined && isSame(setAside, credentials)) setAside = undefined;
      taken = credentials;
    },
    secrets: () => secrets.all(),
    expiresAtMs: () => undefined,
    close: () => Promise.resolve(),
  };
}

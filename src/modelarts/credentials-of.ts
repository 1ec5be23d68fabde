import { ecsAgency } from './agency.js';
import type { Credentials } from './credentials.js';
import {
  type CredentialsReport,
  type CredentialsSource,
  fixedSource,
} from './credentials-source.js';
import { type FileCredentials, fileSource, watchedSource } from './file-source.js';
import { iamLogin, type IamLogin } from './iam-login.js';
import { readSharedProfile } from './shared-file.js';
import { WatchedFiles } from './watched-files.js';

/** How to get credentials, as the settings have it. */
export type CredentialSettings =
  | Credentials
  | FileCredentials
  | IamLogin
  | { kind: 'shared-file'; path: string; profile?: string }
  | { kind: 'agency'; metadataService?: string };

/** Makes the source that the settings ask for. */
export function credentialsOf(
  settings: CredentialSettings,
  options: { from: string; timeoutMs: number; report: CredentialsReport },
): CredentialsSource {
  const { from, report } = options;
  switch (settings.kind) {
    case 'ak-sk':
    case 'token':
      return fixedSource(settings, from);
    case 'key-files':
    case 'token-file':
      return fileSource(settings, from, report);
    case 'login':
      return iamLogin(settings, options);
    case 'shared-file': {
      const parse = ([text = '']: readonly string[]): Credentials =>
        readSharedProfile(text, settings.profile).credentials;
      return watchedSource(
        new WatchedFiles({ paths: [settings.path], parse, report }),
        from,
        report,
      );
    }
    case 'agency':
      return ecsAgency({ ...options, ...settings });
  }
}

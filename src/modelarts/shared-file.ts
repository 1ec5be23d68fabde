import { isRecord } from '../domain/is-record.js';
import type { Credentials } from './credentials.js';
import { headerSecretIn, UnusableFile } from './watched-files.js';

/** What a profile of KooCLI's configuration file holds. */
export interface SharedProfile {
  credentials: Credentials;
  region?: string;
  projectId?: string;
}

/**
 * Reads a profile of KooCLI's configuration file; by default the one that `current` names.
 *
 * The format is that of huaweicloud/terraform-provider-huaweicloud, `config/auth.go`. Throws
 * `UnusableFile`, without any of the file's content but profile names.
 */
export function readSharedProfile(text: string, name: string | undefined): SharedProfile {
  const file = parsed(text);
  const profiles: unknown = file['profiles'];
  const wanted = name ?? file['current'];
  if (typeof wanted !== 'string' || wanted === '') {
    throw new UnusableFile('names no current profile: set HW_PROFILE');
  }
  const found: unknown = Array.isArray(profiles)
    ? profiles.find((profile) => isRecord(profile) && profile['name'] === wanted)
    : undefined;
  if (!isRecord(found)) throw new UnusableFile(`has no profile ${JSON.stringify(wanted)}`);
  const partOf = (key: string): string | undefined => {
    const value = found[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [accessKey, secretKey] = [partOf('accessKeyId'), partOf('secretAccessKey')];
  if (accessKey === undefined || secretKey === undefined) {
    const missing = accessKey === undefined ? 'accessKeyId' : 'secretAccessKey';
    throw new UnusableFile(`has no ${missing} in the profile ${JSON.stringify(wanted)}`);
  }
  const [securityToken, region, projectId] = ['securityToken', 'region', 'projectId'].map(partOf);
  return {
    credentials: {
      kind: 'ak-sk',
      accessKey: headerSecretIn(accessKey),
      secretKey: headerSecretIn(secretKey),
      ...(securityToken !== undefined && { securityToken: headerSecretIn(securityToken) }),
    },
    ...(region !== undefined && { region }),
    ...(projectId !== undefined && { projectId }),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // The error of JSON.parse quotes the text.
  }
  throw new UnusableFile('is not a JSON object');
}

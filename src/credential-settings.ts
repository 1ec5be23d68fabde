import { z } from 'zod';
import { defined } from './domain/defined.js';
import { isProjectId } from './domain/parse-options.js';
import type { GivenSettings } from './given-settings.js';
import type { CredentialSettings } from './modelarts/client.js';
import { SENDABLE } from './modelarts/credentials.js';
import type { ProjectLookUp } from './modelarts/default-project.js';
import { readSharedProfile } from './modelarts/shared-file.js';
import { originOf } from './modelarts/urls.js';

/** How the worker authenticates, and what was found on the way. */
export interface ChosenCredentials {
  credentials: CredentialSettings;
  /** Where they come from, for the log. Names only, no values. */
  credentialsFrom: string;
  /** The variables of other ways to authenticate, which are set too and not used. */
  credentialsIgnored: readonly string[];
  /** From the shared configuration file. */
  region?: string;
  projectId?: string;
  /** How to find the default project, if no setting has its id. */
  projectLookUp?: ProjectLookUp;
}

/** Only characters that a header may hold. Messages never show the value, since it is secret. */
const secret = z
  .string()
  .regex(SENDABLE, 'holds a space or a character other than ASCII: copy it again')
  .optional();

const text = z.string().optional();

/** The variables of credentials. */
export const CREDENTIAL_VARIABLES = {
  HW_ACCESS_KEY: secret,
  HW_SECRET_KEY: secret,
  HW_SECURITY_TOKEN: secret,
  HW_AUTH_TOKEN: secret,
  HW_USER_NAME: text,
  HW_USER_PASSWORD: text,
  HW_DOMAIN_NAME: text,
  HW_ACCESS_KEY_FILE: text,
  HW_SECRET_KEY_FILE: text,
  HW_SECURITY_TOKEN_FILE: text,
  HW_AUTH_TOKEN_FILE: text,
  HW_USER_PASSWORD_FILE: text,
  HW_SHARED_CONFIG_FILE: text,
  HW_PROFILE: text,
  HW_PROJECT_NAME: text,
  HW_AUTH_URL: z
    .string()
    .transform((url, context) => {
      const origin = iamOrigin(url);
      if (origin !== undefined) return origin;
      const message = 'must be https://<host>, or http:// on a loopback host, with or without /v3';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .optional(),
  HW_ECS_AGENCY: z.enum(['true', 'false'], 'must be "true" or "false"').optional(),
} as const;

type Chosen = Omit<ChosenCredentials, 'credentialsIgnored' | 'projectLookUp'>;

/**
 * The ways to authenticate, in the order of choice. `by`: the variables that show that a way is meant.
 * `read` returns `undefined` if it found a problem.
 */
const WAYS: readonly {
  by: readonly string[];
  read: (given: GivenSettings) => Chosen | undefined;
}[] = [
  { by: ['HW_ACCESS_KEY', 'HW_SECRET_KEY'], read: accessKey },
  { by: ['HW_AUTH_TOKEN'], read: readyToken },
  { by: ['HW_USER_NAME', 'HW_USER_PASSWORD'], read: login },
  { by: ['HW_SHARED_CONFIG_FILE'], read: sharedFile },
  { by: ['HW_ECS_AGENCY'], read: agency },
];

const NO_CREDENTIALS =
  'no credentials: set HW_ACCESS_KEY and HW_SECRET_KEY, or HW_AUTH_TOKEN (a ready IAM token), HW_USER_NAME (a login), HW_SHARED_CONFIG_FILE or HW_ECS_AGENCY; with _FILE at its end, such as HW_SECRET_KEY_FILE, a name takes the path of a file';

/** Chooses how to authenticate. Adds to the problems; `undefined` if none of the ways can be used. */
export function chooseCredentials(given: GivenSettings): ChosenCredentials | undefined {
  const [used, ...others] = WAYS.filter(({ by }) => by.some((name) => given.isSet(name)));
  if (used === undefined) {
    given.problems.push(NO_CREDENTIALS);
    return undefined;
  }
  const credentialsIgnored = others.map(({ by }) =>
    given.setName(by.find((name) => given.isSet(name)) ?? ''),
  );
  const chosen = used.read(given);
  if (chosen === undefined) return undefined;
  const hasProject = given.isSet('HW_PROJECT_ID') || chosen.projectId !== undefined;
  // A login's token names its project.
  const isTold = hasProject || chosen.credentials.kind === 'login';
  const projectLookUp = isTold ? undefined : projectLookUpOf(given, chosen.region);
  return { ...chosen, credentialsIgnored, ...defined({ projectLookUp }) };
}

/** IAM is asked if it was named, if the project was named, or if it is in the region of the endpoint. */
function projectLookUpOf(given: GivenSettings, profileRegion?: string): ProjectLookUp | undefined {
  const { HW_PROJECT_NAME, HW_REGION_NAME: region = profileRegion } = given.values;
  const authUrl = iamUrl(given, region);
  const name = HW_PROJECT_NAME ?? region;
  if (HW_PROJECT_NAME !== undefined && authUrl === undefined) {
    given.problems.push('HW_PROJECT_NAME needs IAM: set HW_REGION_NAME or HW_AUTH_URL');
  }
  const isElsewhere = given.isSet('MODELARTS_ENDPOINT') && !given.isSet('HW_AUTH_URL');
  if (HW_PROJECT_NAME === undefined && isElsewhere) return undefined;
  return authUrl === undefined || name === undefined ? undefined : { authUrl, name };
}

function accessKey(given: GivenSettings): Chosen | undefined {
  const names = ['HW_ACCESS_KEY', 'HW_SECRET_KEY'] as const;
  for (const name of names.toReversed()) given.need(name, names);
  const [key, secretKey] = names.map((name) => given.secret(name));
  const token = given.secret('HW_SECURITY_TOKEN');
  if (key === undefined || secretKey === undefined) return undefined;
  const from = `access key${token === undefined ? '' : ' with security token'}`;
  if ('file' in key || 'file' in secretKey || (token !== undefined && 'file' in token)) {
    const parts = { accessKey: key, secretKey, ...defined({ securityToken: token }) };
    return { credentials: { kind: 'key-files', ...parts }, credentialsFrom: `${from}, by file` };
  }
  const values = { accessKey: key.value, secretKey: secretKey.value };
  const credentials = { kind: 'ak-sk' as const, ...values };
  if (token === undefined) return { credentials, credentialsFrom: from };
  return { credentials: { ...credentials, securityToken: token.value }, credentialsFrom: from };
}

function readyToken(given: GivenSettings): Chosen | undefined {
  if (given.isSet('HW_SECURITY_TOKEN')) {
    given.problems.push(`${given.setName('HW_SECURITY_TOKEN')} needs its HW_ACCESS_KEY`);
  }
  const token = given.secret('HW_AUTH_TOKEN');
  if (token === undefined) return undefined;
  const credentialsFrom = given.setName('HW_AUTH_TOKEN');
  if ('file' in token) return { credentials: { kind: 'token-file', token }, credentialsFrom };
  return { credentials: { kind: 'token', token: token.value }, credentialsFrom };
}

function login(given: GivenSettings): Chosen | undefined {
  const names = ['HW_USER_NAME', 'HW_USER_PASSWORD', 'HW_DOMAIN_NAME'] as const;
  for (const name of names) given.need(name, names.slice(0, 2));
  const { HW_USER_NAME: userName, HW_DOMAIN_NAME: domainName } = given.values;
  const { HW_PROJECT_ID: id, HW_REGION_NAME: region } = given.values;
  const name = given.values['HW_PROJECT_NAME'] ?? region;
  const password = given.secret('HW_USER_PASSWORD');
  const authUrl = iamUrl(given, region);
  const project = id !== undefined ? { id } : name !== undefined ? { name } : undefined;
  if (authUrl === undefined) given.problems.push('no IAM: set HW_REGION_NAME, or HW_AUTH_URL');
  else if (project === undefined) {
    given.problems.push('no project to log in to: set HW_PROJECT_ID or HW_PROJECT_NAME');
  }
  if (userName === undefined || password === undefined || domainName === undefined)
    return undefined;
  if (authUrl === undefined || project === undefined) return undefined;
  return {
    credentials: { kind: 'login', authUrl, userName, password, domainName, project },
    credentialsFrom: 'IAM login',
  };
}

function sharedFile(given: GivenSettings): Chosen | undefined {
  const { HW_SHARED_CONFIG_FILE: path = '', HW_PROFILE: profile } = given.values;
  const read = given.file('HW_SHARED_CONFIG_FILE', path, (text) =>
    readSharedProfile(text, profile),
  );
  if (read === undefined) return undefined;
  const { region, projectId } = read;
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region)) {
    given.problems.push('HW_SHARED_CONFIG_FILE names a region that is no region’s id');
  }
  if (projectId !== undefined && !isProjectId(projectId)) {
    given.problems.push('HW_SHARED_CONFIG_FILE names a project that is no project’s id');
  }
  return {
    credentials: { kind: 'shared-file', path, ...defined({ profile }) },
    credentialsFrom: `shared configuration file${profile === undefined ? '' : `, profile ${profile}`}`,
    ...defined({ region, projectId }),
  };
}

function agency(): Chosen {
  return { credentials: { kind: 'agency' }, credentialsFrom: 'agency of this machine' };
}

/** Where IAM is: as it is set, else the region's. */
function iamUrl(given: GivenSettings, region: string | undefined): string | undefined {
  const { HW_AUTH_URL: url } = given.values;
  if (url !== undefined) return iamOrigin(url) ?? url;
  return region === undefined ? undefined : `https://iam.${region}.myhuaweicloud.com`;
}

function iamOrigin(url: string): string | undefined {
  try {
    return originOf(url.replace(/\/v3\/?$/, ''));
  } catch {
    return undefined;
  }
}

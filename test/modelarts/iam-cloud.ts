import { type IamOptions, startSimulator, type Simulator } from '../../simulator/index.js';
import type { CredentialSettings, ModelArtsClient } from '../../src/modelarts/client.js';
import { onClose, PROJECT } from './scripted-client.js';

export const PASSWORD = 'password-CanaryOfTheTests';

/** A ModelArts with fifty jobs, and the IAM in front of it. Its options may be changed at any time. */
export interface Cloud {
  simulator: Simulator;
  iam: IamOptions;
  /** The settings of a login to it. */
  login: (more?: object) => CredentialSettings;
  /** How many logins it has been asked for. */
  logins: () => number;
}

export async function startCloud(): Promise<Cloud> {
  const iam: IamOptions = {
    users: [{ name: 'restarter', password: PASSWORD, domain: 'acme' }],
    projects: [{ id: PROJECT, name: 'cn-north-4' }],
  };
  const simulator = await startSimulator({ iam, authenticate: {} });
  onClose(() => simulator.close());
  for (let id = 1; id <= 50; id += 1) simulator.addJob({ jobId: String(id), status: 12 });
  return {
    simulator,
    iam,
    login: (more = {}) => ({
      kind: 'login',
      authUrl: simulator.url,
      userName: 'restarter',
      password: { value: PASSWORD },
      domainName: 'acme',
      project: { name: 'cn-north-4' },
      ...more,
    }),
    logins: () => simulator.requests({ operation: 'login' }).length,
  };
}

export const job = (id = 1) => ({ projectId: PROJECT, jobId: String(id) });

/** Looks at all fifty jobs at once. */
export const fifty = (client: ModelArtsClient) =>
  Promise.all(Array.from({ length: 50 }, (_, i) => client.detail(job(i + 1))));

export const kindsOf = (answers: readonly { kind: string }[]): string[] => [
  ...new Set(answers.map(({ kind }) => kind)),
];

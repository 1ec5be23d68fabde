import type { PlatformOperation } from './fault.js';
import { type AgencyOptions, Metadata } from './metadata.js';
import { Iam, type IamOptions } from './iam.js';
import { KeyLocks } from './key-locks.js';
import type { Reply } from './reply.js';
import type { LoggedRequest } from './request-log.js';

/** What the simulator plays beside ModelArts: IAM, and the metadata service of a node. */
export class Platform {
  readonly iam?: Iam;
  readonly metadata?: Metadata;
  readonly locks = new KeyLocks();

  constructor(options: { iam?: IamOptions; agency?: AgencyOptions }) {
    if (options.iam !== undefined) this.iam = new Iam(options.iam);
    if (options.agency !== undefined) this.metadata = new Metadata(options.agency);
  }

  /** Which of its calls a request is; `undefined` if it is none, or if that service is not there. */
  operationOf(method: string, path: string): PlatformOperation | undefined {
    const operation = CALLS[`${method} ${path.split('?', 1)[0]}`];
    const service = operation?.startsWith('metadata') ? this.metadata : this.iam;
    return service === undefined ? undefined : operation;
  }

  answer(operation: PlatformOperation, request: LoggedRequest, now: number): Reply {
    switch (operation) {
      case 'login':
        return this.iam!.login(request.body, now);
      case 'projects':
        return this.iam!.projects(new URL(request.path, 'http://iam').searchParams);
      case 'metadata-token':
        return this.metadata!.token(request.headers);
      case 'metadata-key':
        return this.metadata!.securityKey(request.headers, now);
    }
  }
}

const CALLS: Readonly<Record<string, PlatformOperation>> = {
  'POST /v3/auth/tokens': 'login',
  'GET /v3/projects': 'projects',
  'PUT /meta-data/latest/api/token': 'metadata-token',
  'GET /openstack/latest/securitykey': 'metadata-key',
};

import { hostname, userInfo } from 'node:os';
import { OPTIONS } from '../domain/options.js';

/**
 * Who calls: `<user>@<host>`, or the process id for the user where the system has no name. Temporal
 * shows it as the client's identity, and the input has it as `requestedBy`.
 */
export function whoCalls(): string {
  const who = `${userName() ?? process.pid}@${hostname()}`;
  return [...who].slice(0, OPTIONS.requestedBy.longest).join('');
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

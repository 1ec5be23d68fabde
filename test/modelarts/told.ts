import type { CredentialsReport } from '../../src/modelarts/credentials-source.js';

/** Collects what a client tells about its credentials, as `warn: <sentence>`. */
export function listener(): { report: CredentialsReport; told: string[]; fields: unknown[] } {
  const told: string[] = [];
  const fields: unknown[] = [];
  const report: CredentialsReport = (level, sentence, more) => {
    told.push(`${level}: ${sentence}`);
    fields.push(more);
  };
  return { report, told, fields };
}

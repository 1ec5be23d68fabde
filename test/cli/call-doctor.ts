import type { Finding } from '../../src/cli/output.js';
import { callCli } from './call-cli.js';
import type { Variables } from './cli-process.js';

/** Runs `doctor --json`, and reads what it found. */
export async function doctor(variables: Variables) {
  const { code, stdout } = await callCli(['doctor', '--json'], variables);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  const result = (check: string) => findings.find((finding) => finding.check === check)?.result;
  return { code, ok, findings, result };
}

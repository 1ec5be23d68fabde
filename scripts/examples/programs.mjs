/** How the test of the examples runs a program. */
import { npm, run, tail } from '../child.mjs';
import { Obstacle, dim, say, seconds } from '../terminal.mjs';

/** Ten times what the longest installation takes on a slow line. */
const INSTALL_LIMIT_MS = 600_000;
export const RUN_LIMIT_MS = 60_000;

/**
 * Runs a program that must succeed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, hint?: string }} [options]
 */
export async function must(program, args, { hint, timeoutMs = INSTALL_LIMIT_MS, ...options } = {}) {
  const result =
    program === 'npm'
      ? await npm(args, { timeoutMs, ...options })
      : await run(program, args, { timeoutMs, ...options });
  if (result.code === 0) return result.output;
  const why = result.timedOut ? `did not end in ${seconds(timeoutMs)}` : `exit code ${result.code}`;
  throw new Obstacle(
    [`${program} ${args.join(' ')}: ${why}`, tail(result.output, 15), hint]
      .filter(Boolean)
      .join('\n'),
  );
}

/**
 * @param {{ program: string, args: string[], cwd: string }} command
 * @param {NodeJS.ProcessEnv} env
 * @param {string} beginning of the one line that it prints
 */
export async function expectLine({ program, args, cwd }, env, beginning) {
  const output = await must(program, args, { cwd, env, timeoutMs: RUN_LIMIT_MS });
  const line = output.trim();
  say(dim(`  ${line}`));
  if (line.includes('\n') || !line.startsWith(beginning)) {
    throw new Obstacle(`wanted: ${beginning}…\ngot:    ${line}`);
  }
}

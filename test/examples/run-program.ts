import { npm, run, tail } from '../../scripts/child.mjs';

export interface Program {
  program: string;
  args: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a program that must succeed within a minute, and answers with what it has printed. */
export async function runProgram(
  { program, args, ...options }: Program,
  { timeoutMs = 60_000, hint = '' } = {},
): Promise<string> {
  const { code, output, timedOut } =
    program === 'npm'
      ? await npm(args, { timeoutMs, ...options })
      : await run(program, args, { timeoutMs, ...options });
  if (code === 0) return output;
  const why = timedOut ? `did not end in ${timeoutMs / 1_000} s` : `exit code ${code}`;
  throw new Error(`${program} ${args.join(' ')}: ${why}\n${tail(output, 15)}\n${hint}`);
}

import { CommanderError } from 'commander';
import { explain } from './errors.js';
import { EXIT } from './exit-codes.js';
import { printJson, tell } from './output.js';
import { createProgram } from './program.js';

/** Runs one call of the command line and ends the process with its exit code. */
export async function runCommandLine(argv: readonly string[], version: string): Promise<void> {
  // Whoever reads the output may have read enough: `list | head -1`. A restart goes on, and has not got there.
  const enough = argv[2] === 'restart' ? EXIT.interrupted : EXIT.there;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? enough : EXIT.notThere);
  });
  let code: number | undefined;
  try {
    await createProgram(version, (ended) => (code = ended)).parseAsync(argv);
  } catch (error) {
    code = error instanceof CommanderError ? usageCode(error, argv) : fail(error, argv);
  }
  // The worker ends by itself, with an exit code of its own.
  if (code !== undefined) await end(code);
}

/** Help and version were asked for; all else is a mistake in the call, and has been told. */
function usageCode({ exitCode, message }: CommanderError, argv: readonly string[]): number {
  if (exitCode === 0) return EXIT.there;
  if (argv.includes('--json')) printJson({ error: { type: 'Usage', message } });
  return EXIT.usage;
}

function fail(error: unknown, argv: readonly string[]): number {
  const { code, type, message } = explain(error);
  if (argv.includes('--json')) printJson({ error: { type, message } });
  tell(message);
  return code;
}

/** Calls to Temporal that nobody waits for any more would keep the process, so it is ended. */
async function end(code: number): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
    ),
  );
  process.exit(code);
}

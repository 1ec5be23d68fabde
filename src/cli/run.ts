import { Command, CommanderError } from 'commander';
import { EXIT } from '../exit.js';
import { explain } from './errors.js';
import { printJson, tell } from './output.js';
import * as verbs from './verbs.js';

/** Runs one call of the command line and ends the process with its exit code. */
export async function runCommandLine(argv: readonly string[], version: string): Promise<void> {
  // The reader of the output may close the pipe: `list | head -1`. A restart goes on then, as if interrupted.
  const isRestart = argv[2] === 'restart' && !argv.includes('--dry-run');
  const enough = isRestart ? EXIT.interrupted : EXIT.done;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? enough : EXIT.failed);
  });
  let code: number | undefined;
  try {
    await createProgram(version, (ended) => (code = ended)).parseAsync(argv);
  } catch (error) {
    code = error instanceof CommanderError ? usageCode(error, argv) : fail(error, argv);
  }
  // `worker` gives no code, because it ends the process itself.
  if (code !== undefined) await end(code);
}

/** Exit code 0 is for help and version. Anything else is a mistake, whose message is already printed. */
function usageCode({ exitCode, message }: CommanderError, argv: readonly string[]): number {
  if (exitCode === 0) return EXIT.done;
  if (argv.includes('--json')) printJson({ error: { type: 'Usage', message } });
  return EXIT.usage;
}

function fail(error: unknown, argv: readonly string[]): number {
  const { code, type, message } = explain(error);
  if (argv.includes('--json')) printJson({ error: { type, message } });
  tell(message);
  return code;
}

/** Ends the process, which abandoned calls to Temporal would keep alive. */
async function end(code: number): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
    ),
  );
  process.exit(code);
}

/** Each verb loads what it needs when it runs, so that help and completion are fast. */
function createProgram(version: string, ended: verbs.Ended): Command {
  const program = new Command('modelarts-restarter')
    .description('Restarts Huawei Cloud ModelArts visualization jobs and waits until they are up.')
    .version(version)
    .addHelpText('after', verbs.EXIT_CODES)
    .addCommand(verbs.jobsVerb(ended))
    .addCommand(verbs.restartVerb(ended))
    .addCommand(verbs.statusVerb(ended))
    .addCommand(verbs.listVerb(ended))
    .addCommand(verbs.cancelVerb(ended))
    .addCommand(verbs.scheduleVerbs(ended))
    .addCommand(verbs.workerVerb())
    .addCommand(verbs.setupVerb(ended))
    .addCommand(verbs.doctorVerb(ended))
    .addCommand(verbs.completionVerb(ended));
  for (const command of allOf(program)) tellUsage(command);
  return program;
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

/** After a mistake, prints the usage of the verb instead of a page of help. */
function tellUsage(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) => {
      const names = [];
      for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
      const verb = names.join(' ');
      write(`${text}Usage: ${verb} ${command.usage()}\n  ${verb} --help tells more\n`);
    },
  });
}

import { Command, Option } from 'commander';
import { OUTCOMES } from '../domain/outcome.js';
import type { ListFlags } from './list.js';
import { addRestartOptions, jsonOption, projectOption } from './restart-options.js';
import type { RestartVerbFlags } from './restart.js';

/** Told with the exit code of the verb that ran. */
export type Ended = (code: number) => void;

const EXIT_CODES = `
Exit codes: 0 it got there · 1 it did not · 2 usage or settings · 3 Temporal unreachable · 130 interrupted, the restart goes on
Settings: Temporal’s variables (TEMPORAL_ADDRESS, …) and temporal.toml, TEMPORAL_TASK_QUEUE, HW_PROJECT_ID`;

/**
 * The verbs. Each loads what it needs when it runs: help and completion are there at once.
 */
export function createProgram(version: string, ended: Ended): Command {
  const program = new Command('modelarts-restarter')
    .description('Restarts Huawei Cloud ModelArts visualization jobs and waits until they are up.')
    .version(version)
    .addHelpText('after', EXIT_CODES);

  addRestartOptions(program.command('restart').argument('<jobId...>', 'the jobs'))
    .description('restart jobs, or join their restarts under way, and follow them to the end')
    .option('-d, --detach', 'come back once ModelArts has taken the restart')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'restart 10',
        'restart 10 11 12 --if-running attach --timeout 1h',
        'restart 10 --detach --json',
      ),
    )
    .action(async (jobIds: string[], flags: RestartVerbFlags) => {
      ended(await (await import('./restart.js')).restart(jobIds, flags));
    });

  program
    .command('status')
    .description('show a job, as ModelArts has it, and its newest restart')
    .argument('<jobId>', 'the job')
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('status 10', 'status 10 --json'))
    .action(async (jobId: string, flags: { project?: string; json?: boolean }) => {
      ended(await (await import('./status.js')).status(jobId, flags));
    });

  program
    .command('list')
    .description('list restarts: those under way, then the last ones that ended')
    .option('--project <id>', 'only of this project')
    .option('--job <id>', 'only of this job')
    .addOption(
      new Option('--outcome <outcome>', 'only those that ended like this').choices(OUTCOMES),
    )
    .option('--running', 'only those under way')
    .option('--limit <number>', 'at most so many (default: 20)')
    .addOption(jsonOption())
    .addHelpText('after', examples('list', 'list --running', 'list --outcome refused --limit 100'))
    .action(async (flags: ListFlags) => {
      ended(await (await import('./list.js')).list(flags));
    });

  program
    .command('cancel')
    .description('cancel a job’s restart under way')
    .argument('<jobId>', 'the job')
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('cancel 10'))
    .action(async (jobId: string, flags: { project?: string; json?: boolean }) => {
      ended(await (await import('./cancel.js')).cancel(jobId, flags));
    });

  program
    .command('worker')
    .description('run a worker, as npm start does; ends on Ctrl-C')
    .addHelpText('after', examples('worker'))
    .action(async () => {
      await import('../worker.js');
    });

  for (const command of allOf(program)) tellUsage(command);
  return program;
}

/** The command, and all below it. */
export function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

export function examples(...calls: string[]): string {
  return `\nExamples:\n${calls.map((call) => `  $ modelarts-restarter ${call}`).join('\n')}`;
}

/** A mistake ends with the usage of the verb that it was made in, not with a page of help. */
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

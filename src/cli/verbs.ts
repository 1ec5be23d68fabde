import { Argument, Command, Option } from 'commander';
import { OUTCOMES } from '../domain/outcome.js';
import { DEFAULT_NEXUS_ENDPOINT } from '../names.js';
import { addBatchOptions, addSelectOptions } from './batch-flags.js';
import type { CancelFlags } from './cancel.js';
import { type Shell, SHELLS } from './completion.js';
import type { ListFlags } from './list.js';
import type { JobsFlags } from './jobs.js';
import { addRestartOptions, jsonOption, projectOption } from './restart-options.js';
import type { RestartVerbFlags } from './restart.js';
import { type Ended, examples } from './verb-parts.js';

interface JobFlags {
  project?: string;
  json?: boolean;
}

export function jobsVerb(ended: Ended): Command {
  return addSelectOptions(new Command('jobs'))
    .description('list the jobs that ModelArts has, each with its restart under way')
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('jobs', 'jobs --status KILLED,FAILED', 'jobs --search loss --json'),
    )
    .action(async (flags: JobsFlags) => {
      ended(await (await import('./jobs.js')).jobs(flags));
    });
}

export function restartVerb(ended: Ended): Command {
  const restart = new Command('restart').argument('[jobId...]', 'the jobs; else select them');
  return addBatchOptions(addRestartOptions(restart))
    .description('restart jobs, or join their restarts under way, and follow them to the end')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .option('-y, --yes', 'do not ask before more than ten jobs are restarted')
    .option('-d, --detach', 'come back once ModelArts has taken the restart')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        'restart 10',
        'restart 10 11 12 --if-running attach --timeout 1h',
        'restart 10 --detach --json',
        'restart --status KILLED,FAILED --dry-run',
        'restart --all --if-running attach --max-concurrent 50 --name nightly',
      ),
    )
    .action(async (jobIds: string[], flags: RestartVerbFlags) => {
      ended(await (await import('./restart.js')).restart(jobIds, flags));
    });
}

export function statusVerb(ended: Ended): Command {
  return ofJobOrBatch('status')
    .description('show a job, as ModelArts has it, and its newest restart; or a batch')
    .addHelpText('after', examples('status 10', 'status 10 --json', 'status nightly'))
    .action(async (jobId: string, flags: JobFlags) => {
      ended(await (await import('./status.js')).status(jobId, flags));
    });
}

export function listVerb(ended: Ended): Command {
  return new Command('list')
    .description('list restarts and batches: those under way, then the last ones that ended')
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
}

export function cancelVerb(ended: Ended): Command {
  return ofJobOrBatch('cancel')
    .description('cancel a job’s restart under way, or a batch')
    .option(
      '--terminate',
      'end it without a worker, at once: the job is left alone, and a request under way may still be carried out',
    )
    .addHelpText('after', examples('cancel 10', 'cancel 10 --terminate', 'cancel nightly'))
    .action(async (jobId: string, flags: CancelFlags) => {
      ended(await (await import('./cancel.js')).cancel(jobId, flags));
    });
}

/** `worker` ends the process itself, with exit codes of its own. */
export function workerVerb(): Command {
  return new Command('worker')
    .description('run a worker, as npm start does; ends on Ctrl-C')
    .addHelpText('after', examples('worker'))
    .action(async () => {
      await import('../worker.js');
    });
}

export function setupVerb(ended: Ended): Command {
  return new Command('setup')
    .description('register the search attributes, create the Nexus endpoint; twice is without harm')
    .addOption(jsonOption())
    .option('--nexus-endpoint <name>', `the endpoint’s name (default: ${DEFAULT_NEXUS_ENDPOINT})`)
    .addHelpText('after', examples('setup', 'setup --nexus-endpoint restarts-of-team-a'))
    .action(async (flags: { nexusEndpoint?: string; json?: boolean }) => {
      ended(await (await import('./setup.js')).setup(flags));
    });
}

export function doctorVerb(ended: Ended): Command {
  return new Command('doctor')
    .description('check Temporal, the worker, ModelArts, credentials and clock; changes nothing')
    .addOption(projectOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('doctor', 'doctor --json'))
    .action(async (flags: JobFlags) => {
      ended(await (await import('./doctor.js')).doctor(flags));
    });
}

export function completionVerb(ended: Ended): Command {
  const completion = new Command('completion');
  return completion
    .description('print a script that completes verbs and flags in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      examples(
        'completion bash > /etc/bash_completion.d/modelarts-restarter',
        'completion zsh > "${fpath[1]}/_modelarts-restarter"',
        'completion fish > ~/.config/fish/completions/modelarts-restarter.fish',
      ),
    )
    .action(async (shell: Shell) => {
      const { completionScript } = await import('./completion.js');
      process.stdout.write(completionScript(shell, completion.parent!));
      ended(0);
    });
}

function ofJobOrBatch(name: string): Command {
  return new Command(name)
    .argument('<job>', 'the job, or the name or workflow id of a batch')
    .addOption(projectOption())
    .addOption(jsonOption());
}

export const EXIT_CODES = `
Exit codes: 0 it got there · 1 it did not · 2 usage or settings · 3 Temporal unreachable · 130 interrupted, the restart goes on
Settings: Temporal’s variables (TEMPORAL_ADDRESS, …) and temporal.toml, TEMPORAL_TASK_QUEUE, HW_PROJECT_ID`;

import { Argument, Command, Option } from 'commander';
import { OUTCOMES } from '../domain/outcome.js';
import { DEFAULT_NEXUS_ENDPOINT } from '../names.js';
import {
  addBatchOptions,
  addRestartOptions,
  addSelectOptions,
  jsonOption,
  projectOption,
} from './flags.js';
import type { CancelFlags } from './cancel.js';
import { type Shell, SHELLS } from './completion.js';
import type { ListFlags } from './list.js';
import type { JobsFlags } from './jobs.js';
import type { RestartVerbFlags } from './restart.js';
import type { CreateFlags, KeyFlags, ScheduleAct } from './schedule.js';
import type { SetupFlags } from './setup.js';

/** Called with the exit code of the verb that ran. */
export type Ended = (code: number) => void;

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
  const restart = new Command('restart').argument('[jobId...]', 'the jobs; else flags select them');
  return addBatchOptions(addRestartOptions(restart))
    .description('restart jobs, or join their restarts under way, and follow them to the end')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .option('-y, --yes', 'do not ask before more than ten jobs are restarted')
    .option('-d, --detach', 'return once ModelArts has taken the requests, or a worker the batch')
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
    .action(async (word: string, flags: JobFlags) => {
      ended(await (await import('./status.js')).status(word, flags));
    });
}

export function listVerb(ended: Ended): Command {
  return new Command('list')
    .description('list restarts and batches: those under way, then the last ones that ended')
    .option('--project <id>', 'only of this project')
    .option('--job <id>', 'only of this job')
    .addOption(
      new Option('--outcome <outcome>', 'only restarts with this outcome').choices(OUTCOMES),
    )
    .option('--running', 'only those under way')
    .option('--since <when>', 'only those under way or ended since: a duration, or a time')
    .option('--limit <number>', 'how many entries to show at most (default: 20)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('list', 'list --running', 'list --since 24h --outcome refused --limit 100'),
    )
    .action(async (flags: ListFlags) => {
      ended(await (await import('./list.js')).list(flags));
    });
}

export function cancelVerb(ended: Ended): Command {
  return ofJobOrBatch('cancel')
    .description('cancel a job’s restart under way, or a batch')
    .option(
      '--terminate',
      'end it at once, without a worker; leaves the job alone, but a request under way may still be carried out',
    )
    .addHelpText('after', examples('cancel 10', 'cancel 10 --terminate', 'cancel nightly'))
    .action(async (word: string, flags: CancelFlags) => {
      ended(await (await import('./cancel.js')).cancel(word, flags));
    });
}

const SCHEDULE_ACTS: Record<ScheduleAct, string> = {
  pause: 'pause a schedule: it starts nothing until it is resumed',
  resume: 'resume a paused schedule',
  trigger: 'start its restarts now, even while it is paused',
  delete: 'delete a schedule; restarts that it started go on',
};

/** `schedule` and its verbs. */
export function scheduleVerbs(ended: Ended): Command {
  const schedule = new Command('schedule')
    .description('restart jobs again and again, by a schedule of Temporal')
    .addHelpText('after', examples("schedule create 10 --cron '0 3 * * *'", 'schedule list'));

  const create = schedule.command('create').argument('[jobId]', 'the job; else flags select jobs');
  addBatchOptions(addRestartOptions(create))
    .description('create the schedule of a job or of a selection, or replace its settings')
    .option('--cron <expression>', 'when to start: five fields, such as "0 3 * * *"')
    .option('--every <duration>', 'or how often to start: 1m–365d, such as 24h')
    .option('--timezone <name>', 'time zone of --cron, such as Asia/Shanghai (default: UTC)')
    .option('--jitter <duration>', 'delay each start by a random time up to this (default: 1m)')
    .option('--catch-up <duration>', 'leave out starts missed by more than this (default: 5m)')
    .option('--paused', 'pause it: it starts nothing until it is resumed')
    .option('--pause-on-failure', 'pause it when a restart fails')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        "schedule create 10 --cron '0 3 * * *' --timezone Asia/Shanghai",
        'schedule create 10 --every 24h --if-running stop --paused',
        "schedule create --status KILLED --name nightly --cron '0 3 * * *'",
      ),
    )
    .action(async (jobId: string | undefined, flags: CreateFlags) => {
      ended(await (await import('./schedule.js')).create(jobId, flags));
    });

  schedule
    .command('list')
    .description('list the schedules that restart jobs, whoever made them')
    .addOption(jsonOption())
    .addHelpText('after', examples('schedule list'))
    .action(async (flags: { json?: boolean }) => {
      ended(await (await import('./schedule.js')).list(flags));
    });

  withKey(schedule.command('describe'))
    .description('show a schedule: its times, what it starts and what it has started')
    .addHelpText('after', examples('schedule describe 10'))
    .action(async (id: string, flags: KeyFlags) => {
      ended(await (await import('./schedule.js')).describe(id, flags));
    });

  for (const [verb, description] of Object.entries(SCHEDULE_ACTS) as [ScheduleAct, string][]) {
    const command = withKey(schedule.command(verb))
      .description(description)
      .addHelpText('after', examples(`schedule ${verb} 10`))
      .action(async (id: string, flags: KeyFlags) => {
        ended(await (await import('./schedule.js')).act(verb, id, flags));
      });
    if (verb === 'pause' || verb === 'resume') {
      command.option('--note <text>', 'a note that describe shows');
    }
  }
  return schedule;
}

function withKey(command: Command): Command {
  return command
    .argument('<id>', 'the job, the name of a selection, or the id of the schedule')
    .addOption(projectOption())
    .addOption(jsonOption());
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
    .description('register missing search attributes; with --nexus, create the Nexus endpoint too')
    .addOption(jsonOption())
    .option('--nexus', `create the Nexus endpoint ${DEFAULT_NEXUS_ENDPOINT} if it is missing`)
    .option('--nexus-endpoint <name>', 'the same, with an endpoint of this name')
    .addHelpText('after', examples('setup', 'setup --nexus'))
    .action(async (flags: SetupFlags) => {
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

/** The calls that a verb's help shows. */
function examples(...calls: string[]): string {
  return `\nExamples:\n${calls.map((call) => `  $ modelarts-restarter ${call}`).join('\n')}`;
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

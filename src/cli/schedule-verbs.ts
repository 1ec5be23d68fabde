import { Command } from 'commander';
import { addBatchOptions } from './batch-flags.js';
import { addRestartOptions, jsonOption, projectOption } from './restart-options.js';
import type { CreateFlags, KeyFlags, ScheduleAct } from './schedule.js';
import { type Ended, examples } from './verb-parts.js';

const ACTS: Record<ScheduleAct, string> = {
  pause: 'let it start nothing until it is resumed',
  resume: 'let a paused one start restarts again',
  trigger: 'start its restarts now, also while it is paused',
  delete: 'delete it; restarts that it started go on',
};

/** `schedule` and its verbs. */
export function scheduleVerbs(ended: Ended): Command {
  const schedule = new Command('schedule')
    .description('restart jobs again and again, by a schedule of Temporal')
    .addHelpText('after', examples("schedule create 10 --cron '0 3 * * *'", 'schedule list'));

  const create = schedule.command('create').argument('[jobId]', 'the job; else select jobs');
  addBatchOptions(addRestartOptions(create))
    .description('make the schedule of a job or of a selection, or change it to this')
    .option('--cron <expression>', 'when: five fields, such as "0 3 * * *"')
    .option('--every <duration>', 'or how often: 1m–365d, such as 24h')
    .option('--timezone <name>', 'of --cron, such as Asia/Shanghai (default: UTC)')
    .option('--jitter <duration>', 'put off each start by a random time up to this (default: 1m)')
    .option('--catch-up <duration>', 'make up for starts missed within this time (default: 5m)')
    .option('--paused', 'let it start nothing until it is resumed')
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
    .description('show its times, what it starts and what it has started')
    .addHelpText('after', examples('schedule describe 10'))
    .action(async (id: string, flags: KeyFlags) => {
      ended(await (await import('./schedule.js')).describe(id, flags));
    });

  for (const [verb, description] of Object.entries(ACTS) as [ScheduleAct, string][]) {
    const command = withKey(schedule.command(verb))
      .description(description)
      .addHelpText('after', examples(`schedule ${verb} 10`))
      .action(async (id: string, flags: KeyFlags) => {
        ended(await (await import('./schedule.js')).act(verb, id, flags));
      });
    if (verb === 'pause' || verb === 'resume') {
      command.option('--note <text>', 'why, for those who look at it');
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

import { Command } from 'commander';
import { EXIT_CODES } from './help.js';
import { scheduleVerbs } from './schedule-verbs.js';
import * as verbs from './verbs.js';

/** The verbs. Each loads what it needs when it runs: help and completion are there at once. */
export function createProgram(version: string, ended: verbs.Ended): Command {
  const program = new Command('modelarts-restarter')
    .description('Restarts Huawei Cloud ModelArts visualization jobs and waits until they are up.')
    .version(version)
    .addHelpText('after', EXIT_CODES)
    .addCommand(verbs.restartVerb(ended))
    .addCommand(verbs.statusVerb(ended))
    .addCommand(verbs.listVerb(ended))
    .addCommand(verbs.cancelVerb(ended))
    .addCommand(scheduleVerbs(ended))
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

import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A verb with all words that can follow it. The program itself has an empty path. */
interface Verb {
  /** `schedule create` */
  path: string;
  verbs: { name: string; description: string }[];
  flags: { flag: string; description: string; takes: boolean; choices: readonly string[] }[];
}

/** Makes a script that completes the program's verbs, flags and choices, from the program's definition. */
export function completionScript(shell: Shell, program: Command): string {
  const verbs = verbsOf(program, []);
  switch (shell) {
    case 'bash':
      return bash(verbs);
    case 'zsh':
      return zsh(verbs);
    case 'fish':
      return fish(verbs);
  }
}

function verbsOf(command: Command, path: readonly string[]): Verb[] {
  const help = { flag: '--help', description: 'help', takes: false, choices: [] };
  const flags = command.options.map(({ long, description, required, argChoices }) => ({
    flag: long ?? '',
    description,
    takes: required,
    choices: argChoices ?? [],
  }));
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const verbs = [
    ...command.commands.map((child) => ({
      name: child.name(),
      description: child.description(),
    })),
    ...choices.map((name) => ({ name, description: '' })),
  ];
  return [
    { path: path.join(' '), verbs, flags: [...flags, help] },
    ...command.commands.flatMap((child) => verbsOf(child, [...path, child.name()])),
  ];
}

/** The `case` branches that bash and zsh share. Each verb extends the path; each path has its words. */
function cases(
  verbs: readonly Verb[],
  answer: (words: string) => string,
): [string, string, string] {
  const paths = verbs.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  const values = verbs.flatMap(({ path, flags }) =>
    flags
      .filter(({ takes }) => takes)
      .map(({ flag, choices }) => `    '${path}|${flag}') ${answer(choices.join(' '))}; return ;;`),
  );
  const words = verbs.map(({ path, verbs: next, flags }) => {
    const all = [...next.map(({ name }) => name), ...flags.map(({ flag }) => flag)];
    return `    '${path}') ${answer(all.join(' '))} ;;`;
  });
  return [paths.join('|'), values.join('\n'), words.join('\n')];
}

function bash(verbs: readonly Verb[]): string {
  const reply = (words: string) => `COMPREPLY=($(compgen -W '${words}' -- "$current"))`;
  const [paths, values, words] = cases(verbs, reply);
  return `# bash completion of modelarts-restarter
_modelarts_restarter() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" at='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in ${paths}) at="\${at:+$at }$word" ;; esac
  done
  case "$at|$previous" in
${values}
  esac
  case "$at" in
${words}
  esac
}
complete -F _modelarts_restarter modelarts-restarter
`;
}

function zsh(verbs: readonly Verb[]): string {
  const [paths, values, words] = cases(verbs, (list) => `compadd -- ${list}`);
  return `#compdef modelarts-restarter
# zsh completion of modelarts-restarter
_modelarts_restarter() {
  local at='' word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${at:+$at }$word" in (${paths}) at="\${at:+$at }$word" ;; esac
  done
  case "$at|\${words[CURRENT-1]}" in
${values.replaceAll(/^( +)'/gm, "$1('")}
  esac
  case "$at" in
${words.replaceAll(/^( +)'/gm, "$1('")}
  esac
}
if [ "\${funcstack[1]}" = _modelarts-restarter ]; then
  _modelarts_restarter
else
  compdef _modelarts_restarter modelarts-restarter
fi
`;
}

function fish(verbs: readonly Verb[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
  const lines = verbs.flatMap(({ path, verbs: next, flags }) => {
    const names = path === '' ? [] : path.split(' ');
    const seen = names.map((name) => `__fish_seen_subcommand_from ${name}`);
    // Only while none of the following verbs has been typed.
    const open = next.map(({ name }) => name).join(' ');
    const none = open === '' ? [] : [`not __fish_seen_subcommand_from ${open}`];
    // A verb may also exist below another one, such as `list` and `schedule list`.
    const others = verbs.filter((other) => names.length === 1 && other.path.endsWith(` ${path}`));
    const not = others.map(
      (other) => `not __fish_seen_subcommand_from ${other.path.split(' ')[0]}`,
    );
    const when = quoted([...seen, ...not, ...none].join('; and ') || 'true');
    return [
      ...next.map(({ name, description }) => `-n ${when} -a ${name} -d ${quoted(description)}`),
      ...flags.map(({ flag, description, takes, choices }) => {
        const value = takes
          ? ` -x${choices.length > 0 ? ` -a ${quoted(choices.join(' '))}` : ''}`
          : '';
        return `-n ${when} -l ${flag.slice(2)}${value} -d ${quoted(description)}`;
      }),
    ].map((rest) => `complete -c modelarts-restarter ${rest}`);
  });
  return `# fish completion of modelarts-restarter
complete -c modelarts-restarter -f
${lines.join('\n')}
`;
}

/** Called with the exit code of the verb that ran. */
export type Ended = (code: number) => void;

/** The calls that a verb's help shows. */
export function examples(...calls: string[]): string {
  return `\nExamples:\n${calls.map((call) => `  $ modelarts-restarter ${call}`).join('\n')}`;
}

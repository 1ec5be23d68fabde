export const EXIT_CODES = `
Exit codes: 0 it got there · 1 it did not · 2 usage or settings · 3 Temporal unreachable · 130 interrupted, the restart goes on
Settings: Temporal’s variables (TEMPORAL_ADDRESS, …) and temporal.toml, TEMPORAL_TASK_QUEUE, HW_PROJECT_ID`;

export function examples(...calls: string[]): string {
  return `\nExamples:\n${calls.map((call) => `  $ modelarts-restarter ${call}`).join('\n')}`;
}

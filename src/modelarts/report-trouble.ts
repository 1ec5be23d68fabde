import type { ReadAnswer, ServiceError } from '../domain/answer.js';

/** So many looks in a row without a usable answer, in one project, are more than a hiccup. */
const TROUBLE_AFTER = 3;

/** Looks at a project's jobs have begun to fail, or work again. `host` is ModelArts' endpoint. */
export type Trouble = { host: string; projectId: string } & (
  { kind: 'failing'; error: ServiceError } | { kind: 'recovered'; failures: number }
);

/**
 * Returns a function that is called with the answer of each look. It reports once when a project's
 * looks begin to fail, and once when they work again.
 */
export function reportTrouble(
  host: string,
  report: (trouble: Trouble) => void,
): (projectId: string, answer: ReadAnswer<unknown>) => void {
  const failuresOf = new Map<string, number>();
  return (projectId, answer) => {
    const failures = failuresOf.get(projectId) ?? 0;
    if (answer.kind === 'again') {
      failuresOf.set(projectId, failures + 1);
      if (failures + 1 === TROUBLE_AFTER) {
        report({ kind: 'failing', host, projectId, error: answer.error });
      }
    } else {
      failuresOf.delete(projectId);
      if (failures >= TROUBLE_AFTER) report({ kind: 'recovered', host, projectId, failures });
    }
  };
}

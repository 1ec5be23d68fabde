import type { ServiceError } from '../domain/answer.js';
import type { Look } from './project-loop.js';

/** So many looks in a row without a usable answer, in one project, are more than a hiccup. */
const TROUBLE_AFTER = 3;

/** Looks at a project's jobs have begun to fail, or work again. */
export type Trouble =
  | { kind: 'failing'; projectId: string; error: ServiceError }
  | { kind: 'recovered'; projectId: string; failures: number };

/** Makes the same looks, and tells once when they begin to fail and once when they work again. */
export function reportTrouble(look: Look, report: (trouble: Trouble) => void): Look {
  const failuresOf = new Map<string, number>();
  return async (job) => {
    const answer = await look(job);
    const { projectId } = job;
    const failures = failuresOf.get(projectId) ?? 0;
    if (answer.kind === 'again') {
      failuresOf.set(projectId, failures + 1);
      if (failures + 1 === TROUBLE_AFTER) {
        report({ kind: 'failing', projectId, error: answer.error });
      }
    } else {
      failuresOf.delete(projectId);
      if (failures >= TROUBLE_AFTER) report({ kind: 'recovered', projectId, failures });
    }
    return answer;
  };
}

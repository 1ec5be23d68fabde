import type { ReadAnswer, ServiceError } from '../domain/answer.js';
import type { Looks } from './looks.js';

/** So many looks in a row without a usable answer, in one project, are more than a hiccup. */
const TROUBLE_AFTER = 3;

/** Looks at a project's jobs have begun to fail, or work again. */
export type Trouble =
  | { kind: 'failing'; projectId: string; error: ServiceError }
  | { kind: 'recovered'; projectId: string; failures: number };

/** Makes the same looks, and tells once when they begin to fail and once when they work again. */
export function reportTrouble(looks: Looks, report: (trouble: Trouble) => void): Looks {
  const failuresOf = new Map<string, number>();

  function count(projectId: string, answer: ReadAnswer<unknown>): void {
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
  }

  return {
    pauseOf: (projectId) => looks.pauseOf(projectId),
    async detail(job) {
      const answer = await looks.detail(job);
      count(job.projectId, answer);
      return answer;
    },
    async list(projectId, query) {
      const answer = await looks.list(projectId, query);
      count(projectId, answer);
      return answer;
    },
  };
}

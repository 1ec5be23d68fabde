import type { Child, Kit } from '../kit.js';
import type { Stage } from '../stage.js';
import type { Gateway } from './gateway.js';

/** What a pattern is given to restart its jobs. */
export interface Task {
  kit: Kit;
  stage: Stage;
  ids: readonly string[];
  gateway: Gateway;
  accessKey: string;
}

/** A way to restart jobs and to follow each of them until it is up. */
export interface Pattern {
  name: string;
  /** Starts its process, which does nothing yet. */
  prepare(task: Task): Promise<Child>;
  /** Starts all restarts. */
  begin(task: Task, child: Child): Promise<void>;
  /** Whether each job has been seen up. */
  isOver(task: Task, child: Child): Promise<boolean>;
  /** Job → when it was seen up, in ms since the epoch; and the events of all histories. */
  account(task: Task, child: Child): Promise<{ seenAt: Map<string, number>; events: number }>;
}

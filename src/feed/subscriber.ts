import type { JobRef, ReadAnswer, Reading } from '../domain/answer.js';
import type { Begun } from './looks.js';

/** One who waits for news of a job. */
export interface Subscriber {
  job: JobRef;
  /** Who waits, such as a workflow run: a new subscription of the same one ends the old. */
  key: string;
  /** The longest time between the starts of two looks. */
  pollIntervalMs: number;
  /** Look now, also where another look was made a moment ago. */
  lookAtOnce: boolean;
  /** Look at these instants of the monotonic clock too, not sooner and not much later. */
  lookAt: readonly number[];
  /** Receives the answer of each look that was started after the subscription. */
  onLook: (answer: ReadAnswer<Reading>, look: Begun) => void;
  /** The subscription ends without the subscriber having asked for it. */
  onEnd: (why: 'closed' | 'replaced') => void;
}

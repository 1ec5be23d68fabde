import {
  type BatchCounts,
  gotThere,
  JOB_OUTCOMES,
  type JobFailure,
  type JobOutcome,
  type JobOutcomeName,
  missedIn,
} from './batch-outcome.js';
import { defined } from './defined.js';

/** How many of the last failures are kept. */
const KEPT_FAILURES = 50;

/** The longest message of a failure that is kept, in characters. */
const LONGEST_MESSAGE = 200;

/**
 * One letter for each outcome, so that 10,000 of them take 10 kB from one run of the workflow to the
 * next. Histories hold these letters: add to them, but change none.
 */
const LETTER: Record<JobOutcomeName, string> = {
  running: 'r',
  finished: 'f',
  refused: 'x',
  failed: 'F',
  stopped: 's',
  'no-effect': 'n',
  'timed-out': 't',
  unknown: 'u',
  canceled: 'c',
  skipped: '-',
  invalid: 'i',
};

/** The letter of a job without an outcome. */
const OPEN = '.';

const OUTCOME_OF: ReadonlyMap<string, JobOutcomeName> = new Map(
  JOB_OUTCOMES.map((outcome) => [LETTER[outcome], outcome]),
);

/** A record that fits the input of the batch's next run. */
export interface PackedRecord {
  jobIds: string[];
  /** How many jobs were sent or skipped, the first of `jobIds`. */
  sent: number;
  /** A letter for each job. */
  outcomes: string;
  /** The jobs that have an error code, as indexes into `jobIds`, by code. */
  codes: Record<string, number[]>;
  failures: JobFailure[];
}

/** The jobs of a batch, in the order in which they are sent, and how each of them ended. */
export class BatchRecord {
  readonly #letters: string[];
  readonly #codes = new Map<number, string>();
  readonly #counts: BatchCounts;
  readonly #underWay = new Set<number>();
  #sent = 0;
  #failures: JobFailure[] = [];

  constructor(readonly jobIds: readonly string[]) {
    this.#letters = jobIds.map(() => OPEN);
    const zeros = Object.fromEntries(JOB_OUTCOMES.map((outcome) => [outcome, 0]));
    this.#counts = { total: jobIds.length, ...(zeros as Record<JobOutcomeName, number>) };
  }

  static unpack(packed: PackedRecord): BatchRecord {
    const record = new BatchRecord(packed.jobIds);
    for (const [index, letter] of [...packed.outcomes].entries()) {
      const outcome = OUTCOME_OF.get(letter);
      if (outcome !== undefined) record.#note(index, outcome);
      else if (index < packed.sent) record.#underWay.add(index);
    }
    for (const [code, indexes] of Object.entries(packed.codes)) {
      for (const index of indexes) record.#codes.set(index, code);
    }
    record.#sent = packed.sent;
    record.#failures = packed.failures;
    return record;
  }

  pack(): PackedRecord {
    // A map, because a code may be the name of something that every object has, such as `constructor`.
    const codes = new Map<string, number[]>();
    for (const [index, code] of this.#codes) {
      const indexes = codes.get(code);
      if (indexes === undefined) codes.set(code, [index]);
      else indexes.push(index);
    }
    return {
      jobIds: [...this.jobIds],
      sent: this.#sent,
      outcomes: this.#letters.join(''),
      codes: Object.fromEntries(codes),
      failures: this.#failures,
    };
  }

  get counts(): BatchCounts {
    return { ...this.#counts };
  }

  /** How many jobs did not get there, without the skipped ones. */
  get missed(): number {
    return missedIn(this.#counts);
  }

  get waiting(): number {
    return this.jobIds.length - this.#sent;
  }

  /** The jobs under way, as indexes into `jobIds`. */
  get underWay(): ReadonlySet<number> {
    return this.#underWay;
  }

  get failures(): readonly JobFailure[] {
    return this.#failures;
  }

  /** Takes the next job to send; `undefined` if there is none. */
  next(): number | undefined {
    if (this.waiting === 0) return undefined;
    const index = this.#sent;
    this.#sent += 1;
    this.#underWay.add(index);
    return index;
  }

  /** Notes how a job's restart ended. `message` is that of its failure, if the job did not get there. */
  ended(index: number, outcome: JobOutcomeName, message = '', errorCode?: string): void {
    this.#underWay.delete(index);
    this.#note(index, outcome);
    if (errorCode !== undefined) this.#codes.set(index, errorCode);
    if (gotThere(outcome)) return;
    const failure = { ...this.#outcomeOf(index), message: cut(message) };
    this.#failures = [...this.#failures, failure].slice(-KEPT_FAILURES);
  }

  /** Sends nothing more: whatever waits is skipped. */
  skipRest(): void {
    for (; this.#sent < this.jobIds.length; this.#sent += 1) this.#note(this.#sent, 'skipped');
  }

  outcomes(): JobOutcome[] {
    return this.jobIds.map((_, index) => this.#outcomeOf(index));
  }

  #note(index: number, outcome: JobOutcomeName): void {
    this.#letters[index] = LETTER[outcome];
    this.#counts[outcome] += 1;
  }

  #outcomeOf(index: number): JobOutcome {
    const outcome = OUTCOME_OF.get(this.#letters[index]!) ?? 'unknown';
    const errorCode = this.#codes.get(index);
    return { jobId: this.jobIds[index]!, outcome, ...defined({ errorCode }) };
  }
}

function cut(text: string): string {
  const characters = [...text];
  if (characters.length <= LONGEST_MESSAGE) return text;
  return `${characters.slice(0, LONGEST_MESSAGE - 1).join('')}…`;
}

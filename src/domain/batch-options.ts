import type { RestartInput } from './options.js';

/** How the input's value for a key is read. */
type Row =
  /** A whole number; `min` and `max` are allowed values. */
  | { kind: 'count'; default?: number; min: number; max: number; help: string }
  | { kind: 'text'; longest: number; help: string };

/**
 * The keys that a batch has beside those of a restart (`options.ts`) and `jobIds` or `select`. The
 * parser (`parse-batch.ts`) and the flags of the command line follow from these rows.
 */
export const BATCH_OPTIONS = {
  /** How many restarts are under way at a time: 1–1000, default 20. */
  maxConcurrent: {
    kind: 'count',
    default: 20,
    // Temporal (1.32) lets a workflow have 2,000 children, activities or cancel requests pending.
    min: 1,
    max: 1_000,
    help: 'how many restarts may be under way at a time',
  },
  /** Sends nothing more once this many jobs did not get there; default: goes on. */
  stopAfterFailures: {
    kind: 'count',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    help: 'send nothing more once this many jobs did not get there',
  },
  /** What the batch is called in lists and in the Temporal UI; at most 200 characters. */
  name: { kind: 'text', longest: 200, help: 'what the batch is called in lists' },
} as const satisfies Record<string, Row>;

/** The most jobs in one batch: their outcomes must fit a payload of Temporal's, 2 MB. */
export const MOST_JOBS = 10_000;

/** Why a selection that matches more jobs is refused. */
export const TOO_MANY_SELECTED = `select matches more than ${MOST_JOBS} jobs, the most that a batch takes: narrow it by status, search or workspaceId, or give the jobs to several batches by jobIds`;

/**
 * How many times a list that changes meanwhile is read. If a job is deleted from an early page, later
 * rows move up, and one of them appears on no page. The number is a guess: a list that changes all the
 * time has no single state to read.
 */
export const MOST_PASSES = 3;

/** The longest text that ModelArts searches for. Source: ModelArts API reference, page modelarts_03_0065. */
export const LONGEST_SEARCH = 64;

/** How a value of a selection is read. */
type SelectRow = { kind: 'statuses' | 'text' | 'id'; shown: string; help: string };

/** The keys of a selection (`JobSelection`). The flags of the command line follow from these rows. */
export const SELECT_OPTIONS = {
  status: {
    kind: 'statuses',
    shown: 'statuses',
    help: 'only jobs in these statuses: names or numbers, with commas between them',
  },
  search: { kind: 'text', shown: 'text', help: 'only jobs with this text in their name' },
  workspaceId: { kind: 'id', shown: 'id', help: 'jobs of this workspace (default: 0)' },
} as const satisfies Record<keyof JobSelection, SelectRow>;

/** Which jobs of the project to restart. Every key narrows the selection; `{}` selects all of workspace 0. */
export interface JobSelection {
  /** Names (`"KILLED"`) or numbers (`12`) of statuses; default any. */
  status?: (string | number)[];
  /** A part of the job's name, at most 64 characters. */
  search?: string;
  /** Default `"0"`, the default workspace. */
  workspaceId?: string;
}

/** What a caller gives to `restartVisualizationJobs`: the keys of a restart count for each job. */
export type BatchInput = Omit<RestartInput, 'jobId'> & {
  maxConcurrent?: number;
  stopAfterFailures?: number;
  name?: string;
} & (
    | { jobIds: (string | number)[]; select?: undefined }
    | { select: JobSelection; jobIds?: undefined }
  );

/** A selection whose statuses are numbers. */
export interface ReadSelection {
  status?: number[];
  search?: string;
  workspaceId?: string;
}

/**
 * What to ask ModelArts' list for. ModelArts filters by a single status. Several are filtered by the
 * caller, because it is not documented whether ModelArts takes several (modelarts_03_0065).
 *
 * @param byStatus false if the filtered list has several pages. Its rows move to other pages when jobs change their
 * status meanwhile, so one could be missed. Without the filter, the list is by job id, and rows move only when a job
 * is deleted.
 */
export function listQueryOf(
  { status, ...rest }: ReadSelection,
  byStatus: boolean,
): { status?: number } & typeof rest {
  const [only, ...others] = status ?? [];
  const isFiltered = byStatus && only !== undefined && others.length === 0;
  return isFiltered ? { ...rest, status: only } : rest;
}

/** A complete input of a batch. */
export type BatchOptions = {
  /** What each restart gets beside its job, as the caller wrote it. Its keys have been checked. */
  each: Omit<RestartInput, 'jobId' | 'projectId'>;
  /** Absent if the caller named none; then the worker's project applies. */
  projectId?: string;
  maxConcurrent: number;
  stopAfterFailures?: number;
  name?: string;
} & (
  | {
      /** Each job once, in the caller's order. */
      jobIds: string[];
      select?: undefined;
    }
  | { select: ReadSelection; jobIds?: undefined }
);

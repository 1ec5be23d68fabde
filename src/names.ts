/** The task queue that the worker listens on, unless TEMPORAL_TASK_QUEUE names another one. */
export const DEFAULT_TASK_QUEUE = 'modelarts-restarts';

/** The worker deployment of versioned workers, unless TEMPORAL_DEPLOYMENT_NAME names another one. */
export const DEFAULT_DEPLOYMENT = 'modelarts-restarter';

/** The type of the workflow. `src/workflows/index.ts` exports it by this name. */
export const RESTART_WORKFLOW = 'restartVisualizationJob';

/** The type of the workflow that restarts many jobs. */
export const BATCH_WORKFLOW = 'restartVisualizationJobs';

/** The custom search attributes, all Keyword. Workflows write those that are registered. */
export const SEARCH_ATTRIBUTE = {
  jobId: 'ModelArtsJobId',
  outcome: 'ModelArtsOutcome',
  errorCode: 'ModelArtsErrorCode',
  batch: 'ModelArtsBatch',
} as const;

export type SearchAttribute = (typeof SEARCH_ATTRIBUTE)[keyof typeof SEARCH_ATTRIBUTE];

export const SEARCH_ATTRIBUTES: readonly string[] = Object.values(SEARCH_ATTRIBUTE);

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API: the type of all of them. */
export const KEYWORD = 2;

/** The search attributes that a namespace has as Keyword, by the types that Temporal answers with. */
export function registeredAmong(
  types: Readonly<Record<string, unknown>> | null | undefined,
): string[] {
  return SEARCH_ATTRIBUTES.filter((name) => Number(types?.[name]) === KEYWORD);
}

/** The name of the Nexus endpoint that `setup` creates by default. */
export const DEFAULT_NEXUS_ENDPOINT = 'modelarts-restarts';

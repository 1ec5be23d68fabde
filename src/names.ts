/** The task queue that the worker listens on where TEMPORAL_TASK_QUEUE names no other. */
export const DEFAULT_TASK_QUEUE = 'modelarts-restarts';

/** The custom search attributes, all Keyword, that a restart writes where they are registered. */
export const SEARCH_ATTRIBUTES = ['ModelArtsJobId', 'ModelArtsOutcome', 'ModelArtsErrorCode'];

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API: the type of all of them. */
export const KEYWORD = 2;

/** The Nexus endpoint that `setup` creates where it is not told another name. */
export const DEFAULT_NEXUS_ENDPOINT = 'modelarts-restarts';

/** How the simulator behaves where ModelArts' documents say nothing or contradict each other. */
export interface Quirks {
  /** The field with the text of a ModelArts error. For the gateway it is always `error_msg`. */
  errorText: 'error_message' | 'error_msg';
  /** `"status": 8` or `"status": "8"`. */
  statusAs: 'number' | 'string';
  /** `"job_id": 10` or `"job_id": "10"`. */
  jobIdAs: 'number' | 'string';
  /** The HTTP status of an answer with `ModelArts.0105`: 200, or a 4xx. */
  refusalHttpStatus: number;
  /** Whether the answers of the detail call have `is_success`; errors included. */
  isSuccessOnDetail: boolean;
  /** The most jobs on a page of the list. A request for more gets this many. */
  perPageMax: number;
  /** How long after an accepted restart or stop the answers still show the status before it. */
  staleMs: number;
}

export const DEFAULT_QUIRKS: Quirks = {
  errorText: 'error_message',
  statusAs: 'number',
  jobIdAs: 'number',
  refusalHttpStatus: 200,
  isSuccessOnDetail: false,
  perPageMax: 1000,
  staleMs: 0,
};

/** Where ModelArts' documents contradict each other or are silent: which way this one behaves. */
export interface Quirks {
  /** The field that holds the text of a ModelArts error; the gateway always says `error_msg`. */
  errorText: 'error_message' | 'error_msg';
  /** `"status": 8` or `"status": "8"`. */
  statusAs: 'number' | 'string';
  /** `"job_id": 10` or `"job_id": "10"`. */
  jobIdAs: 'number' | 'string';
  /** The HTTP status under a `ModelArts.0105`: 200, or a 4xx. */
  refusalHttpStatus: number;
  /** Do the answers of the detail call, good and bad, have an `is_success`? */
  isSuccessOnDetail: boolean;
  /** The most jobs on a page of the list; who asks for more gets this many. */
  perPageMax: number;
  /** Old readings: for so long after an accepted restart or stop, reads show the status before. */
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

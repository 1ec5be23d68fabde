/** The Temporal UI shows these texts beside the names of the messages. */
export const DESCRIPTIONS = {
  progress: 'The outcome so far, and where the restart is.',
  accepted: 'Answers once ModelArts took the request; fails as the restart does.',
  checkNow: 'Look at the job at once.',
  restartJoined: 'Sent by the worker where another caller joins the restart.',
  extendDeadline: 'The deadline becomes now plus the timeout: {"timeout": "15m"}.',
} as const;

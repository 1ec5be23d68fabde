/**
 * A `job_id` written as a number. In valid JSON the key's closing quote ends a string, so the number
 * stands outside of strings and may be quoted.
 */
const NUMERIC_JOB_ID = /("job_id"\s*:\s*)(\d+)(?=\s*[,}])/g;

/**
 * Parses JSON with each `job_id` as a string; `undefined` where it is none.
 *
 * ModelArts sends job ids as numbers of 64 bits, which lose digits beyond 2^53 as JavaScript
 * numbers. Quoting them first keeps the built-in parser, ten times as fast as one that keeps digits.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(NUMERIC_JOB_ID, '$1"$2"')) as unknown;
  } catch {
    return undefined;
  }
}

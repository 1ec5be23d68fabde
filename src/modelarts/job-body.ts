import type { Reading } from '../domain/answer.js';
import { statusOf } from '../domain/status.js';
import { isRecord } from './answer-body.js';
import type { Scrub } from './scrub.js';

const LONGEST_URL = 2048;

/**
 * A `job_id` written as a number. In valid JSON the key's closing quote ends a string, so the number
 * stands outside of strings and may be quoted.
 */
const NUMERIC_JOB_ID = /("job_id"\s*:\s*)(\d+)(?=\s*[,}])/g;

/** A job as the list shows it. */
interface ListedJob extends Reading {
  jobId: string;
}

/** One page of the list, and what it says of the whole. */
export interface ListPage {
  /** The jobs of this page that could be read, in the service's order. */
  jobs: ListedJob[];
  /** How many jobs match, on all pages; what came so far, where the service does not say. */
  total: number;
  /** How many rows came, readable or not: what a caller that pages on has to count. */
  received: number;
}

export interface ReadContext {
  lookedAt: number;
  scrub: Scrub;
}

/** Reads a detail answer; `undefined` where it has no status, or is about another job. */
export function readDetail(
  body: unknown,
  jobId: string,
  context: ReadContext,
): Reading | undefined {
  if (!isRecord(body)) return undefined;
  const answered = body['job_id'];
  if (answered !== undefined && answered !== null && idOf(answered) !== jobId) return undefined;
  return readingOf(body, context);
}

/** Reads a page of the list; `undefined` where it is none. A row that can't be read is skipped. */
export function readListPage(
  body: unknown,
  page: { page: number; perPage: number },
  context: ReadContext,
): ListPage | undefined {
  if (!isRecord(body) || !Array.isArray(body['jobs'])) return undefined;
  const rows = body['jobs'] as unknown[];
  const jobs = rows.map((row) => listedJobOf(row, context)).filter((job) => job !== undefined);
  const seen = (page.page - 1) * page.perPage + rows.length;
  // Where no total came, a full page may not be the last one.
  const total =
    wholeNumber(body['job_total_count']) ?? (rows.length < page.perPage ? seen : seen + 1);
  return { jobs, total, received: rows.length };
}

function listedJobOf(row: unknown, context: ReadContext): ListedJob | undefined {
  if (!isRecord(row)) return undefined;
  const jobId = idOf(row['job_id']);
  const reading = readingOf(row, context);
  if (jobId === undefined || reading === undefined) return undefined;
  return { jobId, ...reading };
}

function readingOf(row: Record<string, unknown>, context: ReadContext): Reading | undefined {
  const status = wholeNumber(row['status']);
  if (status === undefined) return undefined;
  const url = row['service_url'];
  const shown = typeof url === 'string' && url.length <= LONGEST_URL ? context.scrub(url) : '';
  return {
    status: statusOf(status),
    lookedAt: context.lookedAt,
    // An address that had to be withheld is none, like any with spaces.
    ...(/^\S+$/.test(shown) && { serviceUrl: shown }),
  };
}

/** `parseJson` made a string of it; a number is left only where it was written in an odd way. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'string' && /^\d{1,19}$/.test(value)) return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Numbers come as numbers or, in one documented sample, as strings of digits. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

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

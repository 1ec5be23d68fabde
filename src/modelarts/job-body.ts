import type { Reading } from '../domain/answer.js';
import { defined } from '../domain/defined.js';
import { isRecord } from '../domain/is-record.js';
import { statusOf } from '../domain/status.js';
import { cleanText, type Scrub } from './scrub.js';

const LONGEST_URL = 2048;

/** ModelArts' own limit is 20 (modelarts_03_0064). */
const LONGEST_NAME = 100;

/**
 * A `job_id` written as a number. In valid JSON the key's closing quote ends a string, so the number
 * stands outside of strings and may be quoted.
 */
const NUMERIC_JOB_ID = /("job_id"\s*:\s*)(\d+)(?=\s*[,}])/g;

/** A job as the list shows it. */
export interface ListedJob extends Reading {
  jobId: string;
  /** Cut to 100 characters; absent if the row has none. */
  name?: string;
}

/** One page of the list, and the size of the whole list. */
export interface ListPage {
  /** The jobs of this page that could be read, in the service's order. */
  jobs: ListedJob[];
  /** How many jobs match, on all pages. If the service does not say, the least that it can be. */
  total: number;
  /** How many rows came, readable or not. A caller that reads all pages counts these. */
  received: number;
}

export interface ReadContext {
  lookedAt: number;
  scrub: Scrub;
}

/** Reads a detail answer; `undefined` if it has no status, or is about another job. */
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

/** Reads a page of the list; `undefined` if the body is not one. Skips rows that can't be read. */
export function readListPage(
  body: unknown,
  page: { page: number; perPage: number },
  context: ReadContext,
): ListPage | undefined {
  if (!isRecord(body) || !Array.isArray(body['jobs'])) return undefined;
  const rows = body['jobs'] as unknown[];
  const jobs = rows.map((row) => listedJobOf(row, context)).filter((job) => job !== undefined);
  const seen = (page.page - 1) * page.perPage + rows.length;
  // Without a total, a full page may not be the last one, so there may be one more job.
  const total =
    wholeNumber(body['job_total_count']) ?? (rows.length < page.perPage ? seen : seen + 1);
  return { jobs, total, received: rows.length };
}

function listedJobOf(row: unknown, context: ReadContext): ListedJob | undefined {
  if (!isRecord(row)) return undefined;
  const jobId = idOf(row['job_id']);
  const reading = readingOf(row, context);
  if (jobId === undefined || reading === undefined) return undefined;
  const name = nameOf(row['job_name'], context);
  return { jobId, ...reading, ...defined({ name }) };
}

function nameOf(value: unknown, { scrub }: ReadContext): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return cleanText(value, scrub).slice(0, LONGEST_NAME);
}

function readingOf(row: Record<string, unknown>, context: ReadContext): Reading | undefined {
  const status = wholeNumber(row['status']);
  if (status === undefined) return undefined;
  const url = row['service_url'];
  const shown = typeof url === 'string' && url.length <= LONGEST_URL ? context.scrub(url) : '';
  return {
    status: statusOf(status),
    lookedAt: context.lookedAt,
    // An address with a space can't be used. The text for a withheld one has spaces too.
    ...(/^\S+$/.test(shown) && { serviceUrl: shown }),
  };
}

/** `parseJson` turns ids into strings. Only an id in an unusual notation is still a number. */
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
 * Parses JSON, with each `job_id` as a string; `undefined` if the text is not JSON.
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

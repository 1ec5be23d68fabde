import { DefaultLogger, type LogEntry, makeTelemetryFilterString } from '@temporalio/worker';
import { pino, type DestinationStream, type LevelWithSilent, type Logger } from 'pino';
import type { ModelArtsClientOptions } from './modelarts/client.js';

export type { Logger } from 'pino';

/**
 * Creates the worker's log: one JSON object per line, with a constant sentence and fields.
 *
 * @param level the least of what is logged; `silent` for nothing
 * @param destination default: standard output
 */
export function createLogger(
  level: LevelWithSilent = 'info',
  destination: DestinationStream = pino.destination(1),
): Logger {
  const options = {
    level,
    base: { service: 'modelarts-restarter' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination);
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/**
 * Puts Temporal's own lines, and those of workflows and activities, in the same log.
 *
 * @param onError called with the error of each line that has one, also of a line below the log's level
 */
export function temporalLogger(
  logger: Logger,
  onError: (error: unknown) => void = () => undefined,
): DefaultLogger {
  const least = logger.isLevelEnabled('debug') ? 'DEBUG' : 'INFO';
  return new DefaultLogger(least, ({ level, message, meta }: LogEntry) => {
    if (meta?.['error'] !== undefined) onError(meta['error']);
    logger[LEVELS[level]](fieldsOf(meta), message);
  });
}

/**
 * What the SDK's native part passes on to the log. Without this, it writes its own lines to standard
 * output. Warnings always come, because only they say why a worker failed. Of the libraries below the
 * SDK only errors come, because their finer lines may show the headers of calls, which hold secrets.
 */
export function nativeLogging(logger: Logger): { forward: object; filter: string } {
  const core = logger.isLevelEnabled('debug') ? 'DEBUG' : 'WARN';
  return { forward: {}, filter: makeTelemetryFilterString({ core, other: 'ERROR' }) };
}

/** Fields that say nothing to the reader of a log, or would repeat the sentence. */
const LEFT_OUT = new Set(['sdkComponent', 'taskToken', 'isLocal', 'attempt']);

function fieldsOf(meta: LogEntry['meta']): Record<string, unknown> {
  const { error, ...fields } = meta ?? {};
  const kept = Object.entries(fields).filter(([name]) => !LEFT_OUT.has(name));
  // Logs an error's message alone, because its cause may hold what should not be in a log.
  const why = error === undefined ? {} : { error: String((error as Error).message ?? error) };
  return { ...Object.fromEntries(kept), ...why };
}

/** Logs what the ModelArts client tells: one line per change, however many calls it concerns. */
export function modelartsLog(
  logger: Logger,
): Required<Pick<ModelArtsClientOptions, 'onRateLimit' | 'onTrouble' | 'onCredentials'>> {
  return {
    onRateLimit(limit) {
      if (limit === undefined) logger.info('No rate limit of the gateway is assumed any more');
      else logger.warn({ limit }, 'The gateway has refused a call; calls keep to this limit');
    },
    onTrouble(trouble) {
      if (trouble.kind === 'failing') logger.warn(trouble, 'Looks at ModelArts fail; they go on');
      else logger.info(trouble, 'Looks at ModelArts work again');
    },
    onCredentials: (level, sentence, fields) => logger[level](fields, sentence),
  };
}

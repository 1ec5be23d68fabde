import { z } from 'zod';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

type LogLevel = (typeof LEVELS)[number];

/** The settings for those who run workers: what a worker tells, and where. */
export interface OperatorSettings {
  /** The least of what is logged. */
  logLevel: LogLevel;
}

const shown = (text: string): string => `got ${JSON.stringify(text)}`;

/** The variables of these settings, for the schema of all variables. */
export const OPERATOR_VARIABLES = {
  LOG_LEVEL: z
    .string()
    .default('info')
    .transform((text, context) => {
      const level = LEVELS.find((known) => known === text);
      if (level !== undefined) return level;
      context.addIssue({
        code: 'custom',
        message: `must be ${LEVELS.slice(0, -1).join(', ')} or ${LEVELS.at(-1)}; ${shown(text)}`,
      });
      return z.NEVER;
    }),
};

const schema = z.object(OPERATOR_VARIABLES);

export function operatorSettings(data: z.output<typeof schema>): OperatorSettings {
  return { logLevel: data.LOG_LEVEL };
}

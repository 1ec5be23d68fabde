import { z } from 'zod';
import { defined } from './domain/defined.js';
import { isProjectId } from './domain/parse-options.js';
import type { ListenAddress } from './observe/listen.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

type LogLevel = (typeof LEVELS)[number];

/** The settings by which those who run workers watch them, and limit what callers may ask for. */
export interface OperatorSettings {
  /** The least of what is logged. */
  logLevel: LogLevel;
  /** Where Prometheus finds `/metrics`. Absent: nowhere. */
  metricsAddress?: ListenAddress;
  /** Where `/livez` and `/readyz` are answered. Absent: nowhere. */
  healthAddress?: ListenAddress;
  /** The projects that an input may name. Absent: any. */
  allowedProjects?: readonly string[];
  /** Whether an input may ask for a stop. */
  allowStop: boolean;
}

const shown = (text: string): string => `got ${JSON.stringify(text)}`;

/** `127.0.0.1:9464`, `[::1]:9464`, `localhost:0`. */
const address = (variable: 'METRICS_ADDRESS' | 'HEALTH_ADDRESS') =>
  z
    .string()
    .transform((text, context): ListenAddress => {
      const [, bracketed, plain, digits] =
        /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? [];
      const host = bracketed ?? plain;
      const port = Number(digits);
      if (host !== undefined && port <= 65_535) return { variable, host, port };
      const message = `must be <host>:<port>, such as 127.0.0.1:9464; ${shown(text)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .optional();

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
  METRICS_ADDRESS: address('METRICS_ADDRESS'),
  HEALTH_ADDRESS: address('HEALTH_ADDRESS'),
  MODELARTS_ALLOWED_PROJECTS: z
    .string()
    .transform((text, context) => {
      const projects = projectsIn(text);
      if (projects.every(isProjectId)) return projects;
      const message = `must be project ids of 32 lower-case letters and digits, several by commas; ${shown(text)}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .optional(),
  MODELARTS_ALLOW_STOP: z
    .string()
    .default('true')
    .transform((text, context) => {
      if (text === 'true' || text === 'false') return text === 'true';
      context.addIssue({ code: 'custom', message: `must be true or false; ${shown(text)}` });
      return z.NEVER;
    }),
};

const schema = z.object(OPERATOR_VARIABLES);

export function operatorSettings(data: z.output<typeof schema>): OperatorSettings {
  return {
    logLevel: data.LOG_LEVEL,
    ...defined({
      metricsAddress: data.METRICS_ADDRESS,
      healthAddress: data.HEALTH_ADDRESS,
      allowedProjects: data.MODELARTS_ALLOWED_PROJECTS,
    }),
    allowStop: data.MODELARTS_ALLOW_STOP,
  };
}

/** The problem of a default project that no input may name. */
export function forbiddenDefault(
  { HW_PROJECT_ID: projectId, MODELARTS_ALLOWED_PROJECTS: allowed }: Record<string, string>,
  nameOf: (name: string) => string,
): string[] {
  if (projectId === undefined || allowed === undefined) return [];
  if (projectsIn(allowed).includes(projectId)) return [];
  return [`${nameOf('HW_PROJECT_ID')} is not among MODELARTS_ALLOWED_PROJECTS`];
}

function projectsIn(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

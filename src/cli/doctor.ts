import { searchAttributeState, type SeenWorker, seenWorkers } from '../client/index.js';
import { nexusEndpointsTo } from '../client/set-up.js';
import { callingWithin } from '../client/temporal-call.js';
import { formatDuration } from '../domain/duration.js';
import { EXIT, type ExitCode } from '../exit.js';
import { checkModelArts } from './check-modelarts.js';
import { checkVersion } from './check-version.js';
import {
  type Finding,
  note,
  obstacle,
  ok,
  type Paint,
  painter,
  print,
  printJson,
} from './output.js';
import { connect, projectOf, taskQueueOf, type Temporal } from './connect.js';
import { explain } from './errors.js';

/** `doctor`: checks everything that a restart needs, and changes nothing. */
export async function doctor(flags: { project?: string; json?: boolean }): Promise<ExitCode> {
  const projectId = projectOf(flags.project, process.env);
  const [{ findings: temporal, reached }, modelarts] = await Promise.all([
    checkTemporal(process.env),
    checkModelArts(process.env, projectId),
  ]);
  const findings = [...temporal, ...modelarts];
  const obstacles = findings.filter(({ result }) => result === 'obstacle').length;
  if (flags.json === true) printJson({ ok: obstacles === 0, findings });
  else {
    const paint = painter(process.stdout);
    for (const finding of findings) for (const line of linesOf(finding, paint)) print(line);
    print(
      obstacles === 0
        ? 'Restarts are possible.'
        : `Restarts are not possible: ${obstacles === 1 ? '1 obstacle' : `${obstacles} obstacles`}.`,
    );
  }
  if (!reached) return EXIT.unreachable;
  return obstacles === 0 ? EXIT.done : EXIT.failed;
}

function linesOf({ check, result, message, todo }: Finding, paint: Paint): string[] {
  const mark = { ok: paint('green', '✓'), note: paint('yellow', '!'), obstacle: paint('red', '✗') };
  const line = `${mark[result]} ${check.padEnd(17)}  ${message}`;
  return todo === undefined ? [line] : [line, `${''.padEnd(21)}→ ${todo}`];
}

const ANSWER_WITHIN_MS = 5_000;

/** Checks Temporal, from its address to its workers. `reached`: Temporal answered, with our namespace. */
async function checkTemporal(
  environment: NodeJS.ProcessEnv,
): Promise<{ findings: Finding[]; reached: boolean }> {
  let temporal: Temporal;
  try {
    temporal = await connect(environment);
  } catch (error) {
    // Drops the second sentence of the message, which says what to do, like `todo`.
    const [message = ''] = explain(error).message.split('. ');
    const todo = 'start it, or correct TEMPORAL_ADDRESS, TEMPORAL_TLS… and temporal.toml';
    return { findings: [obstacle('Temporal', message, todo)], reached: false };
  }
  const reachedAt = ok('Temporal', `answers at ${temporal.address}`);
  const namespace = await checkNamespace(temporal);
  if (namespace.result === 'obstacle') return { findings: [reachedAt, namespace], reached: false };
  const taskQueue = taskQueueOf(environment);
  const [workers, version, ...others] = await Promise.all([
    checkWorkers(temporal, taskQueue),
    checkVersion(temporal.client, taskQueue, environment),
    checkSearchAttributes(temporal),
    checkNexusEndpoint(temporal, taskQueue),
  ]);
  return { findings: [reachedAt, namespace, workers, ...version, ...others], reached: true };
}

async function checkNamespace({ client, namespace }: Temporal): Promise<Finding> {
  try {
    await callingWithin(client, ANSWER_WITHIN_MS, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    return ok('namespace', `${namespace} is there`);
  } catch (error) {
    const todo = 'correct TEMPORAL_NAMESPACE, or the key and its rights';
    const [message = ''] = explain(error)
      .message.replace(/^\d+ [A-Z_]+: /, '')
      .split('. ');
    return obstacle('namespace', message, todo);
  }
}

async function checkWorkers({ client }: Temporal, taskQueue: string): Promise<Finding> {
  const start = 'start one: "npm start" or "modelarts-restarter worker"';
  try {
    const { workflows, activities } = await seenWorkers(client, taskQueue);
    const [decides, acts] = [workflows.filter(isHere), activities.filter(isHere)];
    if (decides.length > 0 && acts.length > 0) {
      return ok('worker', seenWords([...decides, ...acts], taskQueue));
    }
    const what =
      decides.length > 0 ? 'activities' : acts.length > 0 ? 'workflows' : 'workflows or activities';
    return obstacle('worker', `nobody takes ${what} from the task queue ${taskQueue}`, start);
  } catch (error) {
    const message = `it can’t be seen who listens on ${taskQueue}: ${explain(error).message}`;
    return note('worker', message, start);
  }
}

const isHere = ({ listens }: SeenWorker): boolean => listens;

/** Says when each worker was last seen, because Temporal can't tell a killed worker from a waiting one. */
function seenWords(seen: readonly SeenWorker[], taskQueue: string): string {
  const seenAt = new Map<string, number>();
  for (const worker of seen) {
    const before = seenAt.get(worker.identity) ?? 0;
    seenAt.set(worker.identity, Math.max(before, Number(worker.seenAt)));
  }
  const workers = [...seenAt]
    .toSorted(([, a], [, b]) => b - a)
    .map(([identity, at]) => {
      const seconds = Math.max(0, Math.round((Date.now() - at) / 1_000));
      return `${identity} (${formatDuration(seconds * 1_000)} ago)`;
    });
  const killed = 'each asks for work once a minute, so one that was killed is seen for 75s';
  return `${workers.length} seen on the task queue ${taskQueue}: ${workers.join(', ')}; ${killed}`;
}

async function checkSearchAttributes({ client }: Temporal): Promise<Finding> {
  const check = 'search attributes';
  const setup = 'run "modelarts-restarter setup"; restarts do without them';
  try {
    const { registered, missing, ofAnotherType } = await searchAttributeState(client);
    if (ofAnotherType.length > 0) {
      const message = `not of type Keyword: ${ofAnotherType.join(', ')}`;
      return note(check, message, 'remove them, then run "modelarts-restarter setup"');
    }
    if (missing.length > 0) return note(check, `not registered: ${missing.join(', ')}`, setup);
    return ok(check, `registered: ${registered.join(', ')}`);
  } catch (error) {
    return note(check, `Temporal does not tell them: ${explain(error).message}`, setup);
  }
}

async function checkNexusEndpoint({ client }: Temporal, taskQueue: string): Promise<Finding> {
  const check = 'Nexus endpoint';
  const setup = 'run "modelarts-restarter setup --nexus"; only Nexus callers need one';
  try {
    const names = await nexusEndpointsTo(client, taskQueue);
    if (names.length === 0) return note(check, `none leads to the task queue ${taskQueue}`, setup);
    return ok(check, `leads to the task queue ${taskQueue}: ${names.join(', ')}`);
  } catch (error) {
    return note(check, `Temporal does not tell them: ${explain(error).message}`, setup);
  }
}

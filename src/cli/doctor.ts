import { checkModelArts } from './check-modelarts.js';
import { checkTemporal } from './check-temporal.js';
import type { Finding } from './checks.js';
import { EXIT, type ExitCode } from './errors.js';
import { painter, print, printJson, type Paint } from './output.js';
import { projectOf } from './connect.js';

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
  return obstacles === 0 ? EXIT.there : EXIT.notThere;
}

function linesOf({ check, result, message, todo }: Finding, paint: Paint): string[] {
  const mark = { ok: paint('green', '✓'), note: paint('yellow', '!'), obstacle: paint('red', '✗') };
  const line = `${mark[result]} ${check.padEnd(17)}  ${message}`;
  return todo === undefined ? [line] : [line, `${''.padEnd(21)}→ ${todo}`];
}

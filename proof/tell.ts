import { statusOf } from '../src/domain/status.js';
import type { Run } from './world.js';

/** Returns lines, in order of time, on what was true and what was done, and then the record. */
export function tell(run: Run): string[] {
  const { plan, job, service, temporal, hands, startedAt, endedAt, outcome, deadlineMs } = run;
  const lines: [at: number, line: string][] = [
    ...job.truth.map(({ at, code }): [number, string] => [at, `truth    ${statusOf(code).name}`]),
    ...job.restartsTaken.map((at): [number, string] => [at, 'truth    restart taken']),
    ...job.stopsTaken.map((at): [number, string] => [at, 'truth    stop taken']),
    ...job.otherHands.map((at): [number, string] => [at, 'truth    another hand']),
    ...service.sent.map(({ at, name, answer }): [number, string] => [
      at,
      `network  ${name} sent, answer: ${answer}`,
    ]),
    ...service.faults.map(({ at, fault }): [number, string] => [at, `network  ${fault}`]),
    ...temporal.kills.map((at): [number, string] => [at, 'worker   killed']),
    ...hands.calls.map(({ at, name }): [number, string] => [at, `workflow calls ${name}`]),
    [deadlineMs, 'deadline'],
    [endedAt, `end      ${outcome?.outcome ?? 'none'}`],
  ];
  lines.sort((a, b) => a[0] - b[0]);
  return [
    JSON.stringify(plan),
    ...lines.map(
      ([at, line]) => `${at === -Infinity ? 'before' : `${at - startedAt} ms`}  ${line}`,
    ),
    'events of the record:',
    ...run.events.map((line) => `  ${line}`),
    JSON.stringify(outcome),
  ];
}

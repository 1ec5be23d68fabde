/** What the examples run against: a Temporal server, a simulated ModelArts, and the packed worker. */
import path from 'node:path';
import { check } from '../checks.mjs';
import { startChild } from '../child.mjs';
import { startLocalStack } from '../local-stack.mjs';
import { Obstacle } from '../terminal.mjs';
import { TYPESCRIPT } from './install.mjs';
import { expectLine } from './programs.mjs';

const [KILLED, STARTING, RUNNING] = [12, 7, 8];

/**
 * @param {import('../interruption.mjs').Started} started
 * @param {string} cli
 */
export async function setScene(started, cli) {
  const workerFolder = path.join(TYPESCRIPT, 'node_modules', 'modelarts-restarter');
  const { simulator, env } = await startLocalStack(started, { cli, workerFolder });
  const { HW_PROJECT_ID: _, ...temporal } = env;

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {string} cwd
   */
  const startExample = async (program, args, cwd) => {
    const example = startChild(program, args, { cwd, env: temporal, gently: true });
    started.atEnd(example.close);
    await example.says(/listening/i);
  };

  // The jobs of the documentation's commands: one takes its time, one stays on its way.
  const starting = [{ afterMs: 0, status: STARTING }];
  const restart = [...starting, { afterMs: 10_000, status: RUNNING }];
  simulator.addJob({ jobId: '10', status: KILLED, timelines: { restart } });
  simulator.addJob({ jobId: '11', status: KILLED, timelines: { restart: starting } });

  let jobs = 100;
  /**
   * @param {string} name
   * @param {(jobId: string) => { program: string, args: string[], cwd: string }} command
   */
  const checkReports = async (name, command) => {
    const down = String((jobs += 1));
    simulator.addJob({ jobId: down, status: KILLED });
    await check(`${name}: reports a restart`, async () => {
      await expectLine(command(down), temporal, `job ${down}: running, now RUNNING, by way of `);
      if (simulator.acceptedRestarts(down) !== 1) throw new Obstacle('there was no restart');
    });
    const up = String((jobs += 1));
    simulator.addJob({ jobId: up, status: RUNNING });
    const refusal = `job ${up}: refused (ModelArts.0105), was RUNNING, ModelArts says: `;
    await check(`${name}: reports a refusal`, () => expectLine(command(up), temporal, refusal));
  };
  return { cli, env, projectId: simulator.projectId, startExample, checkReports };
}

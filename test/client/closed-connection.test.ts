import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { calling } from '../../src/client/temporal-call.js';
import { freePort } from '../e2e/free-port.js';
import { startProcess } from '../cli/cli-process.js';

/** A program that gives its calls up, closes its connection, and stays for a while. */
const program = (address: string) => `
  const { followRestart, describeRestart } = await import('modelarts-restarter');
  const { Client, Connection } = await import('@temporalio/client');
  const connection = Connection.lazy({ address: '${address}' });
  const client = new Client({ connection });
  let tries = 0;
  const count = (options, nextCall) => { tries += 1; return nextCall(options); };
  connection.options.interceptors.push(count);
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(new Error('enough')), 1_000);
  const given = [
    followRestart(client, { workflowId: 'restart:x:1' }, { signal: stopping.signal }).next(),
    describeRestart(client, { workflowId: 'restart:x:1' }),
  ];
  console.log('follow ' + await given[0].catch((error) => error.message));
  given[1].catch(() => console.log('describe ended'));
  await connection.close();
  const triesAtTheEnd = tries;
  setTimeout(() => console.log('over ' + triesAtTheEnd + ' ' + tries), 3_000);
`;

it('a connection that is closed while the SDK repeats calls ends them without a word', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const child = startProcess(
    process.execPath,
    ['--input-type=module', '--eval', program(address)],
    {},
  );
  const { code, stdout, stderr } = await child.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, before, after] = /^over (\d+) (\d+)$/m.exec(stdout) ?? [];
  // The SDK was about to repeat calls when the connection was closed, and did repeat one.
  expect(Number(before)).toBeGreaterThan(4);
  expect(Number(after)).toBeGreaterThan(Number(before));
  expect(stdout).toContain('follow enough');
  expect(stdout).toContain('describe ended');
});

it('a call that is aborted between two of the SDK’s attempts is not sent again', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
  const client = new Client({ connection });
  await calling(client, () => Promise.resolve());
  let sent = 0;
  // Behind all others: what passes this one is sent.
  connection.options.interceptors.push((options, nextCall) => {
    sent += 1;
    return nextCall(options) as ReturnType<(typeof connection.options.interceptors)[number]>;
  });
  const stopping = new AbortController();
  const call = calling(client, () =>
    connection.withAbortSignal(stopping.signal, () => connection.workflowService.getSystemInfo({})),
  );
  call.catch(() => undefined);
  while (sent < 2) await pause(10);
  stopping.abort();
  await expect(call).rejects.toThrow('the call was given up');
  expect(sent).toBe(2);
  await connection.close();
});

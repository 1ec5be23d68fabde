import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDevServer } from '../../scripts/dev-server.mjs';

it('a server that ends at once is started anew on other ports, three times in all', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dev-server-'));
  try {
    const cli = path.join(folder, 'temporal');
    const calls = path.join(folder, 'calls');
    const script = `#!/bin/sh\necho "$6" >> '${calls}'\necho 'bind: address already in use' >&2\nexit 2\n`;
    writeFileSync(cli, script, { mode: 0o755 });
    await expect(startDevServer({ cli })).rejects.toThrow(/ended with 2: bind: address already/);
    const ports = readFileSync(calls, 'utf8').trim().split('\n');
    expect(ports).toHaveLength(3);
    for (const port of ports) expect(Number(port)).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

#!/usr/bin/env node
import { readFileSync } from 'node:fs';

// A worker obeys signals from its first instant on, so this comes before the verbs are loaded.
if (process.argv[2] === 'worker') (await import('./stop-signals.js')).listenToSignals();
const { runCommandLine } = await import('./cli/run.js');

const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(file) as { version: string };

await runCommandLine(process.argv, version);

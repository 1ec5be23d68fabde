#!/usr/bin/env node
import { readFileSync } from 'node:fs';

// Comes before the verbs are loaded, so that a worker obeys signals from the first instant on.
if (process.argv[2] === 'worker') (await import('./exit.js')).listenToSignals();
const { runCommandLine } = await import('./cli/run.js');

const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(file) as { version: string };

await runCommandLine(process.argv, version);

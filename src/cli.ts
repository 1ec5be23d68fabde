#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runCommandLine } from './cli/run.js';

const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(file) as { version: string };

await runCommandLine(process.argv, version);

import { readFile } from 'node:fs/promises';

/** The environment in which the image runs the worker. npm starts the tools in the project's folder. */
export async function imageEnvironment(): Promise<Record<string, string>> {
  const containerfile = await readFile('deploy/Containerfile', 'utf8');
  const pairs = [...containerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, all = '']) =>
    [...all.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const),
  );
  return Object.fromEntries(pairs);
}

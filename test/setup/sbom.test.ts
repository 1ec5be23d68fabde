import { readFileSync } from 'node:fs';
import { inRoot } from '../../scripts/project.mjs';
import { billOfMaterials } from '../../scripts/sbom.mjs';

interface Bill {
  bomFormat: string;
  components: { group?: string; name: string; version: string }[];
}

interface Lock {
  packages: Record<string, { version: string; dev?: boolean; devOptional?: boolean }>;
}

it('the bill of materials lists each package that is installed with the worker, and no other', async () => {
  const { bomFormat, components } = JSON.parse(await billOfMaterials()) as Bill;
  expect(bomFormat).toBe('CycloneDX');
  const listed = components.map(({ group, name, version }) => {
    const scope = group === undefined ? '' : `${group}/`;
    return `${scope}${name} ${version}`;
  });
  const lock = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')) as Lock;
  const { '': _project, ...packages } = lock.packages;
  const installed = Object.entries(packages)
    .filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true)
    .map(([folder, { version }]) => `${folder.replace(/^.*node_modules\//, '')} ${version}`);
  expect(new Set(listed)).toEqual(new Set(installed));
  expect(listed.join()).toContain('@temporalio/worker');
  expect(listed.join()).not.toContain('oxlint');
});

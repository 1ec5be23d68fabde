import { existsSync } from 'node:fs';
import path from 'node:path';
import { readSettings } from '../../src/config.js';
import { codeIn, ROOT, rowsIn, sectionOf, textOf } from '../docs/pages.js';
import {
  deployFile,
  manifestOf,
  manifests,
  unitValues,
  type ConfigMap,
  type Deployment,
  type DisruptionBudget,
} from './manifests.js';

const deployment = manifestOf<Deployment>('Deployment');
const configMap = manifestOf<ConfigMap>('ConfigMap');
const pod = deployment.spec.template;
const [container] = pod.spec.containers as [
  Deployment['spec']['template']['spec']['containers'][0],
];
const unit = deployFile('systemd', 'modelarts-restarter.service');
const containerfile = deployFile('Containerfile');

const known = [
  ...rowsIn(sectionOf(textOf('docs/reference.md'), "The worker's environment")).flatMap(
    ([names = '']) => codeIn(names),
  ),
];
const unknownAmong = (names: readonly string[]): string[] =>
  names.filter((name) => !known.includes(name));

/** The longest that a worker needs after SIGTERM: a request is sent within 10 s, then answered. */
const longestHandOver = (): number => {
  const settings = readSettings({ HW_REGION_NAME: 'cn-north-4', HW_AUTH_TOKEN: 'token' });
  return (10_000 + settings.requestTimeoutMs) / 1_000;
};

describe('the Kubernetes manifests', () => {
  const variable = (name: string) => container.env.find((one) => one.name === name);
  const portOf = (name: string): number | undefined =>
    container.ports.find((port) => port.name === name)?.containerPort;

  it('are of these kinds, and have one name', () => {
    expect(manifests().map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'v1 ConfigMap',
      'apps/v1 Deployment',
      'policy/v1 PodDisruptionBudget',
    ]);
    const names = new Set(manifests().map(({ metadata }) => metadata.name));
    expect([...names]).toEqual(['modelarts-restarter']);
  });

  it('set only variables that the worker knows, none of them twice', () => {
    const names = [...Object.keys(configMap.data), ...container.env.map(({ name }) => name)];
    expect(names.length).toBeGreaterThan(8);
    expect(unknownAmong(names)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('have settings that the worker takes', () => {
    const environment = { ...configMap.data, HW_ACCESS_KEY: 'ak', HW_SECRET_KEY: 'sk' };
    expect(() => readSettings(environment)).not.toThrow();
    expect(container.envFrom).toEqual([{ configMapRef: { name: configMap.metadata.name } }]);
  });

  it('probe and scrape the ports that the worker is told to listen on', () => {
    const { annotations } = pod.metadata;
    expect(variable('HEALTH_ADDRESS')?.value).toBe(`0.0.0.0:${portOf('health')}`);
    expect(variable('METRICS_ADDRESS')?.value).toBe(`0.0.0.0:${portOf('metrics')}`);
    expect(annotations['prometheus.io/port']).toBe(String(portOf('metrics')));
    const { startupProbe, livenessProbe, readinessProbe } = container;
    expect(startupProbe.httpGet).toEqual({ path: '/livez', port: 'health' });
    expect(livenessProbe.httpGet).toEqual({ path: '/livez', port: 'health' });
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'health' });
  });

  it('let a starting worker wait for Temporal for as long as it does by default', () => {
    const { periodSeconds, failureThreshold = 3 } = container.startupProbe;
    const { connectTimeoutMs } = readSettings({ ...configMap.data, HW_AUTH_TOKEN: 'token' });
    expect(periodSeconds * failureThreshold).toBeGreaterThan(connectTimeoutMs / 1_000);
  });

  it('give a worker longer than a hand-over takes', () => {
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(longestHandOver());
  });

  it('hand secrets over as files of a secret, where the variables look for them', () => {
    const [volume] = pod.spec.volumes;
    const [mount] = container.volumeMounts;
    expect(mount?.name).toBe(volume?.name);
    const files = volume?.secret.items.map((item) => `${mount?.mountPath}/${item.path}`);
    const named = container.env.filter(({ name }) => name.endsWith('_FILE'));
    expect(named.map(({ value }) => value)).toEqual(files);
    const secrets = /KEY|SECRET|TOKEN|PASSWORD/;
    const plain = [...container.env, ...Object.keys(configMap.data).map((name) => ({ name }))];
    const exposed = plain.filter(({ name }) => secrets.test(name) && !name.endsWith('_FILE'));
    // Temporal's variable, which has no form with a file.
    expect(exposed.map(({ name }) => name)).toEqual(['TEMPORAL_API_KEY']);
    expect(variable('TEMPORAL_API_KEY')).toEqual({
      name: 'TEMPORAL_API_KEY',
      valueFrom: {
        secretKeyRef: {
          name: volume?.secret.secretName,
          key: 'temporal-api-key',
          optional: true,
        },
      },
    });
  });

  it('keep a worker up while a node is drained', () => {
    const { maxUnavailable } = manifestOf<DisruptionBudget>('PodDisruptionBudget').spec;
    expect(maxUnavailable).toBe(1);
    expect(deployment.spec.replicas).toBeGreaterThan(maxUnavailable);
  });

  it('select the pods that they make', () => {
    const { labels } = pod.metadata;
    const { topologySpreadConstraints } = pod.spec;
    const budget = manifestOf<DisruptionBudget>('PodDisruptionBudget');
    const selectors = [
      deployment.spec.selector,
      budget.spec.selector,
      ...topologySpreadConstraints.map(({ labelSelector }) => labelSelector),
    ];
    expect(selectors).toEqual(selectors.map(() => ({ matchLabels: labels })));
  });

  it('run the worker without rights, as the user of the image', () => {
    const [, user] = /^USER (\d+):(\d+)$/m.exec(containerfile) ?? [];
    expect(pod.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(user),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('name the image by the version of the package', () => {
    const { name, version } = JSON.parse(textOf('package.json')) as Record<string, string>;
    expect(container.image).toBe(`${name}:${version}`);
  });
});

describe('the Containerfile', () => {
  it('copies what is there', () => {
    const copied = [...containerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(
      ([, files = '']) => files.split(' '),
    );
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it('starts Node itself, so that signals reach the worker', () => {
    expect(/^CMD (.*)$/m.exec(containerfile)?.[1]).toBe('["node", "dist/worker.js"]');
    expect(containerfile).not.toMatch(/^ENTRYPOINT/m);
  });
});

describe('the systemd unit', () => {
  it('sets only variables that the worker knows, to files that systemd hands over', () => {
    const [environment = ''] = unitValues(unit, 'Environment');
    const variables = environment.split(' ').map((one) => one.split('='));
    expect(unknownAmong(variables.map(([name = '']) => name))).toEqual([]);
    const credentials = unitValues(unit, 'LoadCredential').map((one) => one.split(':')[0]);
    expect(variables.map(([, file]) => file)).toEqual(credentials.map((name) => `%d/${name}`));
  });

  it('bounds memory as the image does', () => {
    const [, bounds] = /^ENV (NODE_OPTIONS=.*)$/m.exec(containerfile) ?? [];
    expect(bounds).toBeDefined();
    expect(unitValues(unit, 'Environment')).toContain(bounds);
  });

  it('gives a worker longer than a hand-over takes', () => {
    expect(Number(unitValues(unit, 'TimeoutStopSec')[0])).toBeGreaterThan(longestHandOver());
  });

  it('starts a worker again after every failure, for as long as that takes', () => {
    expect(unitValues(unit, 'Restart')).toEqual(['on-failure']);
    expect(unitValues(unit, 'StartLimitIntervalSec')).toEqual(['0']);
    expect(unitValues(unit, 'RestartPreventExitStatus')).toEqual([]);
  });
});

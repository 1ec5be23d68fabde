import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const ROOT = path.resolve(__dirname, '../..');

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef: { name: string; key: string; optional?: boolean } };
}

interface Probe {
  httpGet: { path: string; port: string };
  periodSeconds: number;
  failureThreshold?: number;
}

export interface Deployment extends Manifest {
  spec: {
    replicas: number;
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> };
      spec: {
        terminationGracePeriodSeconds: number;
        topologySpreadConstraints: { labelSelector: { matchLabels: Record<string, string> } }[];
        securityContext: Record<string, unknown>;
        containers: {
          image: string;
          envFrom: { configMapRef: { name: string } }[];
          env: Variable[];
          ports: { name: string; containerPort: number }[];
          startupProbe: Probe;
          livenessProbe: Probe;
          readinessProbe: Probe;
          securityContext: Record<string, unknown>;
          volumeMounts: { name: string; mountPath: string }[];
        }[];
        volumes: {
          name: string;
          secret: { secretName: string; items: { key: string; path: string }[] };
        }[];
      };
    };
  };
}

export interface ConfigMap extends Manifest {
  data: Record<string, string>;
}

export interface DisruptionBudget extends Manifest {
  spec: { maxUnavailable: number; selector: { matchLabels: Record<string, string> } };
}

/** A file of `deploy/`. */
export const deployFile = (...parts: string[]): string =>
  readFileSync(path.join(ROOT, 'deploy', ...parts), 'utf8');

/** All manifests of `deploy/kubernetes/`, as YAML reads them. */
export function manifests(): Manifest[] {
  return readdirSync(path.join(ROOT, 'deploy', 'kubernetes')).flatMap((file) =>
    [...parseAllDocuments(deployFile('kubernetes', file))].map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as Manifest;
    }),
  );
}

/** The one manifest of a kind. */
export function manifestOf<T extends Manifest>(kind: string): T {
  const found = manifests().filter((manifest) => manifest.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} manifests of the kind ${kind}`);
  return found[0] as T;
}

/** The values of a key in a systemd unit, in order. */
export function unitValues(unit: string, key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** One value of a metric, with its labels. */
interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** What a worker exports, in the text format of Prometheus. */
export interface Metrics {
  text: string;
  /** Metric → its samples. */
  all: ReadonlyMap<string, readonly Sample[]>;
  samples(name: string): readonly Sample[];
  /** The sum of the samples that have these labels; 0 without any. */
  sum(name: string, labels?: Record<string, string>): number;
  /** The values of a label, once each, in the order of the text. */
  values(name: string, label: string): string[];
}

export function readMetrics(text: string): Metrics {
  const all = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gi)];
    const sample = {
      labels: Object.fromEntries(pairs.map(([, key, of]) => [key!, of!])),
      value: value === '+Inf' ? Infinity : Number(value),
    };
    all.set(name, [...(all.get(name) ?? []), sample]);
  }
  const samples = (name: string): readonly Sample[] => all.get(name) ?? [];
  return {
    text,
    all,
    samples,
    sum: (name, labels = {}) =>
      samples(name)
        .filter((sample) => Object.entries(labels).every(([key, of]) => sample.labels[key] === of))
        .reduce((sum, { value }) => sum + value, 0),
    values: (name, label) => [
      ...new Set(samples(name).flatMap((sample) => sample.labels[label] ?? [])),
    ],
  };
}

/** The names of our own metrics, without the suffixes of histograms, and all labels that they have. */
export function ourMetricsIn({ all }: Metrics): { names: string[]; labels: string[] } {
  const ours = [...all].filter(([name]) => name.startsWith('modelarts_'));
  const labels = ours.flatMap(([, samples]) => samples.flatMap((one) => Object.keys(one.labels)));
  const names = ours.map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
  return { names: [...new Set(names)].toSorted(), labels: [...new Set(labels)].toSorted() };
}

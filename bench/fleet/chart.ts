import type { TopLevelSpec } from 'vega-lite';

/** What the chart shows of one pattern. */
export interface Charted {
  name: string;
  /** How many jobs came up before the pattern was given up. */
  up: number;
  /** From the first start until the last job was up, or the pattern was given up. */
  upSeconds: number;
  calls: number;
}

type Plot = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number];

/** On a ground of its own, so that it can be read on a light page and on a dark one. */
const COLOURS = { ground: '#ffffff', text: '#1f2328', ours: '#1f6feb', other: '#9aa4b2' };

/** The part of a plot's width that the longest bar leaves to its label. */
const LABEL_SHARE = 0.45;

/** Draws how many calls each pattern made, and how long it took, as an SVG. */
export async function fleetChart(
  measured: readonly Charted[],
  { jobs, scale }: { jobs: number; scale: number },
): Promise<string> {
  // Loaded here, because no other part of the benchmarks needs these dozens of packages.
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const values = measured.map((one, i) => {
    // Converts the scaled time to that of the real gateway.
    const minutes = (one.upSeconds * scale) / 60;
    return {
      name: one.name,
      isOurs: i === 0,
      calls: one.calls,
      callsLabel: one.calls.toLocaleString('en'),
      minutes,
      minutesLabel:
        one.up === jobs
          ? `${minutes.toFixed(0)} min`
          : `${one.up.toLocaleString('en')} up, then given up`,
    };
  });
  const names = values.map(({ name }) => name);
  const most = (field: 'calls' | 'minutes'): number =>
    Math.max(...values.map((value) => value[field]));
  const plot = (title: string, field: 'calls' | 'minutes', hasNames: boolean): Plot => ({
    title: { text: title, anchor: 'start', fontSize: 13, offset: 8 },
    width: 240,
    height: { step: 30 },
    encoding: {
      y: {
        field: 'name',
        type: 'nominal',
        sort: names,
        axis: hasNames
          ? {
              title: null,
              labelFontSize: 12,
              labelLimit: 300,
              domain: false,
              ticks: false,
              labelPadding: 8,
            }
          : null,
      },
      x: {
        field,
        type: 'quantitative',
        axis: null,
        scale: { domain: [0, most(field) / (1 - LABEL_SHARE)] },
      },
    },
    layer: [
      {
        mark: { type: 'bar', height: 18, cornerRadiusEnd: 3 },
        encoding: {
          color: {
            condition: { test: 'datum.isOurs', value: COLOURS.ours },
            value: COLOURS.other,
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 },
        encoding: { text: { field: `${field}Label` } },
      },
    ],
  });
  const { spec } = compile({
    data: { values },
    background: COLOURS.ground,
    padding: 16,
    spacing: 16,
    hconcat: [
      plot('Calls to ModelArts', 'calls', true),
      plot('Until the last job is up', 'minutes', false),
    ],
    config: {
      view: { stroke: null },
      font: 'sans-serif',
      text: { color: COLOURS.text },
      axis: { labelColor: COLOURS.text },
      title: { color: COLOURS.text },
    },
  });
  return new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG();
}

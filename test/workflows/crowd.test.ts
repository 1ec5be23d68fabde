import {
  endOf,
  eventually,
  openStage,
  type End,
  type Stage,
  type StageOptions,
} from '../setup/stage.js';

const ids = (count: number, first: number): string[] =>
  Array.from({ length: count }, (_, n) => String(first + n));

const UP = [
  { afterMs: 0, status: 7 },
  { afterMs: 1_000, status: 8 },
];

async function on<T>(options: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await openStage({ list: true, requestTimeoutMs: 10_000, ...options });
  try {
    return await work(stage);
  } finally {
    await stage.close();
  }
}

/** Restarts so many jobs at once, and returns how each ended. */
async function restartAll(
  stage: Stage,
  jobIds: readonly string[],
  timeout: string,
): Promise<End[]> {
  for (const jobId of jobIds) {
    stage.simulator.addJob({ jobId, status: 12, timelines: { restart: UP } });
  }
  return Promise.all(jobIds.map((jobId) => stage.restart({ jobId, timeout, pollInterval: '5s' })));
}

const calls = (stage: Stage, operation: 'restart' | 'list' | 'detail'): number =>
  stage.simulator.requests({ operation }).length;

it.concurrent('a crowd shares pages of the list, before its requests and after them', () =>
  on({}, async (stage) => {
    const ends = await restartAll(stage, ids(40, 1_000), '60s');
    expect(ends.filter(({ status }) => status !== 'completed')).toEqual([]);
    expect(calls(stage, 'restart')).toBe(40);
    // Each restart needs three looks: before its request, after it, and one that sees the job up.
    expect(calls(stage, 'list') + calls(stage, 'detail')).toBeLessThan(80);
  }),
);

const LIMIT = { policy: 'user', calls: 20, windowMs: 5_000 } as const;

it.concurrent.each([
  ['told beforehand', { rateLimits: [LIMIT] }, 0],
  ['learnt from a refusal', {}, 20],
])(
  'under a limit that is %s, a crowd waits for its turns, and each restart is sent once',
  (_how, told, mostRefused) =>
    on({ ...told, simulator: { rateLimits: [LIMIT] } }, async (stage) => {
      const jobIds = ids(40, 2_000);
      const ends = await restartAll(stage, jobIds, '3m');
      expect(ends.filter(({ status }) => status !== 'completed')).toEqual([]);
      for (const jobId of jobIds) expect(stage.simulator.acceptedRestarts(jobId)).toBe(1);
      const refused = stage.simulator.requests().filter(({ outcome }) => outcome === 429);
      expect(refused.length).toBeLessThanOrEqual(mostRefused);
      if (mostRefused > 0) expect(refused.length).toBeGreaterThan(0);
      // A turn costs a look, a request and a timer; waiting for it costs nothing.
      const { projectId, client } = stage;
      for (const jobId of jobIds) {
        const { historyLength } = await client.workflow
          .getHandle(`restart:${projectId}:${jobId}`)
          .describe();
        expect(historyLength).toBeLessThan(90);
      }
    }),
  180_000,
);

it.concurrent('the details tell the turn, and the pace of the looks', () =>
  on({ rateLimits: [{ calls: 10, windowMs: 60_000 }] }, async (stage) => {
    const jobIds = ids(8, 3_000);
    for (const jobId of jobIds) stage.simulator.addJob({ jobId, status: 12 });
    const handles = await Promise.all(
      jobIds.map((jobId) => stage.start({ jobId, timeout: '60s' })),
    );
    const details = async (): Promise<string> => {
      const all = handles.map((handle) => handle.query<object>('__temporal_workflow_metadata'));
      return JSON.stringify(await Promise.all(all));
    };
    const shown = await eventually(async () => {
      const text = await details();
      return text.includes('its turn is at') ? text : undefined;
    });
    expect(shown).toMatch(
      /\*\*Next try\*\*: at \S+Z, since not sent yet: its turn is at \S+Z, since the gateway allows 10 calls per 1 min/,
    );
    expect(shown).toMatch(
      /\*\*Pace of the looks\*\*: (next look in [\d.]+ s: )?10 calls per 1 min/,
    );
    await Promise.all(handles.map((handle) => handle.cancel()));
    await Promise.all(handles.map(endOf));
  }),
);
it.concurrent('waits beyond the slots look once per interval, and end as the others do', () =>
  on({ waitSlots: 2 }, async (stage) => {
    const jobIds = ids(6, 4_000);
    const slow = [
      { afterMs: 0, status: 7 },
      { afterMs: 6_000, status: 8 },
    ];
    for (const jobId of jobIds) {
      stage.simulator.addJob({ jobId, status: 12, timelines: { restart: slow } });
    }
    const handles = await Promise.all(jobIds.map((jobId) => stage.start({ jobId })));
    const ends = await Promise.all(handles.map(endOf));
    expect(ends.map(({ status }) => status)).toEqual(Array(6).fill('completed'));
    const lengths = await Promise.all(
      handles.map(async (handle) => (await handle.describe()).historyLength),
    );
    expect(new Set(lengths).size).toBe(1);
  }),
);

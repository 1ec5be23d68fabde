import { restartId } from '../src/domain/ids.js';
import type { Kit, Report } from './kit.js';
import { startRestart } from './restarts.js';
import { setStage, startWorker, type Stage } from './stage.js';
import { table, verdict } from './table.js';

const KILLED = 12;
const WAITING = 7;
const RUNNING = 8;

/** For KILLED → WAITING → RUNNING, without the events that write search attributes. */
const MOST_EVENTS = 29;
const MOST_FOR_ATTRIBUTES = 2;

/** `UPSERT_WORKFLOW_SEARCH_ATTRIBUTES` of Temporal's API. */
const UPSERT = 40;

interface Counted {
  seconds: number;
  events: number;
  forAttributes: number;
  /** The types of the events, in order. Both histories must have the same. */
  types: string;
}

/** Counts the events of a restart that takes 3 s, and of one that takes 60 s. */
export async function history(kit: Kit): Promise<Report> {
  const stage = await setStage(kit);
  await startWorker(kit, stage);
  kit.say('restarting two jobs, one of which takes a minute');
  const counted = await Promise.all([countEvents(stage, '100', 3), countEvents(stage, '101', 60)]);
  const same = counted[0].types === counted[1].types;
  const rows = counted.map(({ seconds, events, forAttributes }) => [
    `a restart of ${seconds} s`,
    String(events),
    verdict(events, MOST_EVENTS),
    String(forAttributes),
    verdict(forAttributes, MOST_FOR_ATTRIBUTES),
  ]);
  const head = ['KILLED → WAITING → RUNNING', 'events', 'limit', 'for search attributes', 'limit'];
  const met = counted.every(
    (one) => one.events <= MOST_EVENTS && one.forAttributes <= MOST_FOR_ATTRIBUTES,
  );
  const verdictOfBoth = `the same events in both: ${same ? 'yes' : 'NO'}`;
  return { lines: [...table([head, ...rows]), verdictOfBoth], met: met && same };
}

async function countEvents(stage: Stage, jobId: string, seconds: number): Promise<Counted> {
  const { simulator, client } = stage;
  const restart = [
    { afterMs: 0, status: WAITING },
    { afterMs: seconds * 1_000, status: RUNNING },
  ];
  await simulator.addJob({ jobId, status: KILLED, timelines: { restart } });
  await startRestart(stage, { jobId, pollInterval: '1s' });
  const handle = client.workflow.getHandle(restartId(simulator.projectId, jobId));
  await handle.result();
  const { events = [] } = await handle.fetchHistory();
  const types = (events ?? []).map(({ eventType }) => Number(eventType));
  const forAttributes = types.filter((type) => type === UPSERT).length;
  return { seconds, events: types.length - forAttributes, forAttributes, types: types.join(' ') };
}

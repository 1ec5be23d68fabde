import { BatchStory } from '../../src/cli/story.js';
import type { BatchProgress } from '../../src/client/index.js';
import { BatchRecord } from '../../src/domain/batch-record.js';

/** A batch of which a progress shows the last 50 failures. */
function batchOf(jobs: number): { refuse: (count: number) => void; progress: () => BatchProgress } {
  const record = new BatchRecord(Array.from({ length: jobs }, (_, n) => String(n + 1)));
  return {
    refuse: (count) => {
      for (let n = 0; n < count; n += 1) {
        record.ended(record.next()!, 'refused', 'ModelArts.0105: it is up', 'ModelArts.0105');
      }
    },
    progress: () => ({
      ...record.counts,
      phase: 'restarting',
      waiting: record.waiting,
      underWay: record.underWay.size,
      jobs: [],
      failures: [...record.failures],
      startedAt: '2026-01-01T00:00:00.000Z',
    }),
  };
}

test('each job that does not get there has a line, or is counted where they come too fast', () => {
  const { refuse, progress } = batchOf(200);
  const story = new BatchStory((_style, text) => text);
  expect(story.tell(progress())).toEqual(['200 jobs to restart']);
  refuse(120);
  const lines = story.tell(progress());
  expect(lines).toHaveLength(51);
  expect(lines[0]).toBe('✗ 70 more jobs: the table at the end names them');
  expect(lines.at(-1)).toBe('✗ job 120: ModelArts.0105: it is up');
  expect(story.tell(progress())).toEqual([]);
  refuse(51);
  expect(story.tell(progress())[0]).toBe('✗ 1 more job: the table at the end names them');
  refuse(2);
  expect(story.tell(progress())).toEqual([
    '✗ job 172: ModelArts.0105: it is up',
    '✗ job 173: ModelArts.0105: it is up',
  ]);
});

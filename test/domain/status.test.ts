import { outcomeAt } from '../../src/domain/outcome.js';
import {
  groupOf,
  isDocumented,
  isDown,
  isStartingOrUp,
  STATUS,
  statusOf,
} from '../../src/domain/status.js';

/*
 * Written out from the page modelarts_03_0074, not derived from the code's table.
 * The last two columns: what the status decides until running, and until finished.
 */
type Row = [number, string, string, boolean, boolean, string | undefined, string | undefined];
const ROWS: Row[] = [
  // code, name, group, down, starting or up, until running, until finished
  [0, 'UNKNOWN', 'odd', false, false, undefined, undefined],
  [1, 'INIT', 'starting', false, true, undefined, undefined],
  [2, 'IMAGE_CREATING', 'starting', false, true, undefined, undefined],
  [3, 'IMAGE_FAILED', 'failed', true, false, 'failed', 'failed'],
  [4, 'SUBMIT_TRYING', 'starting', false, true, undefined, undefined],
  [5, 'SUBMIT_FAILED', 'failed', true, false, 'failed', 'failed'],
  [6, 'DELETE_FAILED', 'odd', false, false, undefined, undefined],
  [7, 'WAITING', 'starting', false, true, undefined, undefined],
  [8, 'RUNNING', 'up', false, true, 'running', undefined],
  [9, 'KILLING', 'going-down', false, false, undefined, undefined],
  [10, 'COMPLETED', 'ended', true, false, 'stopped', 'finished'],
  [11, 'FAILED', 'failed', true, false, 'failed', 'failed'],
  [12, 'KILLED', 'ended', true, false, 'stopped', 'stopped'],
  [13, 'CANCELED', 'ended', true, false, 'stopped', 'stopped'],
  [14, 'LOST', 'failed', true, false, 'failed', 'failed'],
  [15, 'SCALING', 'starting', false, true, undefined, undefined],
  [16, 'SUBMIT_MODEL_FAILED', 'failed', true, false, 'failed', 'failed'],
  [17, 'DEPLOY_SERVICE_FAILED', 'failed', true, false, 'failed', 'failed'],
  [18, 'CHECK_INIT', 'starting', false, true, undefined, undefined],
  [19, 'CHECK_RUNNING', 'starting', false, true, undefined, undefined],
  [20, 'CHECK_RUNNING_COMPLETED', 'starting', false, true, undefined, undefined],
  [21, 'CHECK_FAILED', 'failed', true, false, 'failed', 'failed'],
];

test('there are exactly the 22 documented statuses', () => {
  expect(Object.keys(STATUS).map(Number)).toEqual(ROWS.map(([code]) => code));
  expect(ROWS).toHaveLength(22);
});

describe.each(ROWS)('%i %s', (code, name, group, down, startingOrUp, running, finished) => {
  test('has its name, keeps its number and is documented', () => {
    expect(statusOf(code)).toEqual({ code, name });
    expect(isDocumented(code)).toBe(true);
  });

  test(`is ${group}`, () => {
    expect(groupOf(code)).toBe(group);
    expect(isDown(code)).toBe(down);
    expect(isStartingOrUp(code)).toBe(startingOrUp);
  });

  test(`until running decides ${running}, until finished ${finished}`, () => {
    expect(outcomeAt('running', code)).toBe(running);
    expect(outcomeAt('finished', code)).toBe(finished);
  });
});

describe.each([22, 99, -1, 1_000_000, 8.5, Number.NaN])('the undocumented number %d', (code) => {
  test('keeps its number in its name', () => {
    expect(statusOf(code)).toEqual({ code, name: `UNKNOWN_${code}` });
    expect(isDocumented(code)).toBe(false);
  });

  test('is neither down nor up, and keeps the wait going', () => {
    expect(groupOf(code)).toBe('odd');
    expect(isDown(code)).toBe(false);
    expect(isStartingOrUp(code)).toBe(false);
    expect(outcomeAt('running', code)).toBeUndefined();
    expect(outcomeAt('finished', code)).toBeUndefined();
  });
});

import type { WatchedJob } from './watched-job.js';

/** A job to look at, and since when it has been due. 0 puts it first. */
export interface Due {
  watched: WatchedJob;
  since: number;
}

/** The `count` jobs that have been due for the longest, so that each gets its turn. */
export function longestDue(due: Due[], count: number): Due[] {
  if (due.length <= count) return due;
  const chosen: Due[] = [];
  for (const one of due) {
    const place = chosen.findIndex(({ since }) => one.since < since);
    if (place >= 0) chosen.splice(place, 0, one);
    else if (chosen.length < count) chosen.push(one);
    if (chosen.length > count) chosen.pop();
  }
  return chosen;
}

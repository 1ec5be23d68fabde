import type { WatchedJob } from './watched-job.js';

/** A job to be looked at; `since` orders them: an instant that somebody asked for comes first. */
export interface Due {
  watched: WatchedJob;
  since: number;
}

/** The `count` that have been due for the longest: where not all can be served, none is forgotten. */
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

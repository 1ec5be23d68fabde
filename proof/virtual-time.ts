interface Planned {
  at: number;
  order: number;
  act: () => void;
}

/** A clock that jumps from one planned call to the next. */
export class VirtualTime {
  /** Milliseconds since the epoch. */
  now = 1_800_000_000_000;
  #order = 0;
  /** A binary heap, the earliest first. */
  readonly #heap: Planned[] = [];

  at(instant: number, act: () => void): void {
    const heap = this.#heap;
    const planned = { at: Math.max(instant, this.now), order: (this.#order += 1), act };
    let child = heap.push(planned) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(planned, heap[parent]!)) break;
      heap[child] = heap[parent]!;
      child = parent;
    }
    heap[child] = planned;
  }

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act);
  }

  /** Moves the clock to the next planned call, and makes it; returns `false` if none is planned. */
  step(): boolean {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return false;
    if (first !== last) this.#sink(last);
    this.now = first.at;
    first.act();
    return true;
  }

  #sink(planned: Planned): void {
    const heap = this.#heap;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, planned)) break;
      heap[parent] = heap[child]!;
      parent = child;
    }
    heap[parent] = planned;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

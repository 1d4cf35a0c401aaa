/** A worker's slot that becomes free at a time. */
export interface Slot {
  readonly atMs: number;
  readonly worker: number;
}

/**
 * A binary heap with the earliest slot first. Of two slots at one time, the lower worker's comes first, so that runs
 * repeat exactly.
 */
export class EventQueue {
  readonly #slots: Slot[] = [];

  push(slot: Slot): void {
    let index = this.#slots.push(slot) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#slots[parent];
      if (above === undefined || !isBefore(slot, above)) break;
      this.#slots[index] = above;
      index = parent;
    }
    this.#slots[index] = slot;
  }

  pop(): Slot | undefined {
    const [first] = this.#slots;
    const last = this.#slots.pop();
    if (last !== undefined && this.#slots.length > 0) this.#sink(last);
    return first;
  }

  #sink(slot: Slot): void {
    let index = 0;
    for (;;) {
      const child = this.#lesserChild(index);
      const below = this.#slots[child];
      if (below === undefined || !isBefore(below, slot)) break;
      this.#slots[index] = below;
      index = child;
    }
    this.#slots[index] = slot;
  }

  #lesserChild(index: number): number {
    const left = 2 * index + 1;
    const [a, b] = [this.#slots[left], this.#slots[left + 1]];
    return a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
  }
}

const isBefore = (a: Slot, b: Slot): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.worker < b.worker);

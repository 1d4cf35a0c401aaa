/**
 * A queue that serves its sources in turn, so that a source with many items does not delay the one item of another.
 * Items of one source keep their order.
 */
export class FairQueue<Item> {
  /** The items of each source. The first source is served next. */
  readonly #sources = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(source: string, item: Item): void {
    const items = this.#sources.get(source);
    if (items === undefined) this.#sources.set(source, [item]);
    else items.push(item);
    this.#size += 1;
  }

  /** Takes the next item: the first one of the source whose turn it is. */
  shift(): Item | undefined {
    const [next] = this.#sources;
    if (next === undefined) return undefined;
    const [source, items] = next;
    const item = items.shift();
    this.#sources.delete(source);
    if (items.length > 0) this.#sources.set(source, items);
    this.#size -= 1;
    return item;
  }

  /** Removes an item. Returns false if the queue does not contain it. */
  remove(source: string, item: Item): boolean {
    const items = this.#sources.get(source) ?? [];
    const index = items.indexOf(item);
    if (index === -1) return false;
    items.splice(index, 1);
    if (items.length === 0) this.#sources.delete(source);
    this.#size -= 1;
    return true;
  }

  /** Returns the first item of each source, and how many items of the source wait. */
  heads(): readonly { readonly source: string; readonly item: Item; readonly count: number }[] {
    return [...this.#sources].flatMap(([source, items]) => {
      const [item] = items;
      return item === undefined ? [] : [{ source, item, count: items.length }];
    });
  }

  /**
   * Takes the newest item of the source with the most items, to make room for one more item of another source. Returns
   * undefined if that source would then have fewer items than the other.
   */
  displaceFor(source: string): Item | undefined {
    const own = this.#sources.get(source)?.length ?? 0;
    let longest: Item[] = [];
    for (const items of this.#sources.values()) if (items.length > longest.length) longest = items;
    if (longest.length <= own + 1) return undefined;
    this.#size -= 1;
    return longest.pop();
  }
}

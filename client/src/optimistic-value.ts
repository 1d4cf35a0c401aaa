import type { Position } from './types.ts';

/** A value that the server has told, and where in the counter's history. */
export interface Snapshot extends Position {
  readonly value: number;
}

/** One change of one's own. */
export interface Change {
  readonly delta: number;
  /** Its place in the counter's history, once acknowledged. */
  position?: Position;
}

/** A snapshot, with the changes of which it is not known yet whether it has them in it. */
interface Undecided {
  readonly snapshot: Snapshot;
  readonly open: Set<Change>;
}

/**
 * What a counter shows: the last known value plus one's own changes that are not in it.
 *
 * Whether a snapshot has a change in it is known when the change's own place is: the snapshot waits until each change that
 * was open when it came is acknowledged. Changes made later are certainly not in it. So the value shown counts each own change
 * exactly once at every moment, in whatever order acks and states come, and never goes back for another reason than a
 * change that does.
 */
export class OptimisticValue {
  #base: Snapshot | undefined;
  /** At most two: the one that will be decided first, and the newest. */
  #undecided: Undecided[] = [];
  #changes = new Set<Change>();

  /** Undefined until the server has told a value. */
  get value(): number | undefined {
    if (this.#base === undefined) return undefined;
    let value = this.#base.value;
    for (const { delta } of this.#changes) value += delta;
    return value;
  }

  get position(): Position | undefined {
    return this.#base && { epoch: this.#base.epoch, seq: this.#base.seq };
  }

  begin(delta: number): Change {
    const change: Change = { delta };
    this.#changes.add(change);
    return change;
  }

  /** The server has made the change, and this is the value since. */
  acknowledge(change: Change, snapshot: Snapshot): void {
    change.position = { epoch: snapshot.epoch, seq: snapshot.seq };
    this.#decide(change);
    this.learn(snapshot);
    this.#dropIncluded();
  }

  /** The change was refused, or its end is unknown. */
  abandon(change: Change): void {
    this.#changes.delete(change);
    this.#decide(change);
  }

  /** What the server tells of the value. */
  learn(snapshot: Snapshot): void {
    if (!isNewer(snapshot, this.#undecided.at(-1)?.snapshot ?? this.#base)) return;
    const open = new Set([...this.#changes].filter(({ position }) => position === undefined));
    this.#undecided = [...this.#undecided.slice(0, 1), { snapshot, open }];
    this.#rebase();
  }

  #decide(change: Change): void {
    for (const { open } of this.#undecided) open.delete(change);
    this.#rebase();
  }

  #rebase(): void {
    // What is open for the first is open for the second too, unless it ended: the last decided one is the newest.
    const index = this.#undecided.findLastIndex(({ open }) => open.size === 0);
    const decided = this.#undecided[index];
    if (decided === undefined) return;
    if (this.#base?.epoch !== decided.snapshot.epoch) this.#dropFormerLife(decided.snapshot.epoch);
    this.#base = decided.snapshot;
    this.#undecided = this.#undecided.slice(index + 1);
    this.#dropIncluded();
  }

  /** Of what was acknowledged in a numbering that has ended, nothing is left. */
  #dropFormerLife(epoch: string | null): void {
    for (const change of this.#changes) {
      if (change.position !== undefined && change.position.epoch !== epoch) this.#changes.delete(change);
    }
  }

  #dropIncluded(): void {
    const base = this.#base;
    for (const change of this.#changes) {
      const { position } = change;
      if (position !== undefined && base !== undefined && !isNewer(position, base)) this.#changes.delete(change);
    }
  }
}

/** A counter accepts any higher seq, since values in between may be left out, and any new epoch. */
const isNewer = (position: Position, than: Position | undefined): boolean =>
  than === undefined || position.epoch !== than.epoch || position.seq > than.seq;

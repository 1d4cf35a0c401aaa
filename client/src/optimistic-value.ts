import type { Position } from './types.ts';

/** A value reported by the server, with its position in the counter's history. */
export interface Snapshot extends Position {
  readonly value: number;
}

/** A change made by this client. */
export interface LocalChange {
  readonly delta: number;
  /** Position of the change in the counter's history; undefined until the ack. */
  position?: Position;
}

/** A snapshot with the unacknowledged changes that it may or may not include. */
interface Undecided {
  readonly snapshot: Snapshot;
  readonly open: Set<LocalChange>;
}

/**
 * The value that a counter shows: the last decided snapshot plus the local changes that it does not include.
 *
 * Whether a snapshot includes a change is known once the change has its own position. A snapshot therefore stays
 * undecided until every change that was open when it arrived is acknowledged or abandoned. Changes made later are not
 * in it. As a result the shown value counts each local change exactly once at every moment, in whatever order acks and
 * states arrive. The value only goes down if a change lowers it.
 */
export class OptimisticValue {
  #base: Snapshot | undefined;
  /** The undecided snapshots, at most two: the one that will be decided first, and the newest. */
  #undecided: Undecided[] = [];
  #changes = new Set<LocalChange>();

  /** The value to show; undefined until the server has reported one. */
  get value(): number | undefined {
    if (this.#base === undefined) return undefined;
    let value = this.#base.value;
    for (const { delta } of this.#changes) value += delta;
    return value;
  }

  get position(): Position | undefined {
    return this.#base && { epoch: this.#base.epoch, seq: this.#base.seq };
  }

  begin(delta: number): LocalChange {
    const change: LocalChange = { delta };
    this.#changes.add(change);
    return change;
  }

  /** Records that the server made the change, and the value right after it. */
  acknowledge(change: LocalChange, snapshot: Snapshot): void {
    change.position = { epoch: snapshot.epoch, seq: snapshot.seq };
    this.#decide(change);
    this.learn(snapshot);
    this.#dropIncluded();
  }

  /** Drops a change that was refused or whose outcome is unknown. */
  abandon(change: LocalChange): void {
    this.#changes.delete(change);
    this.#decide(change);
  }

  /** Takes a value reported by the server, unless a newer one is known. */
  learn(snapshot: Snapshot): void {
    if (!isNewer(snapshot, this.#undecided.at(-1)?.snapshot ?? this.#base)) return;
    const open = new Set([...this.#changes].filter(({ position }) => position === undefined));
    this.#undecided = [...this.#undecided.slice(0, 1), { snapshot, open }];
    this.#rebase();
  }

  #decide(change: LocalChange): void {
    for (const { open } of this.#undecided) open.delete(change);
    this.#rebase();
  }

  #rebase(): void {
    // A change that is open for the first snapshot is open for the second too, so the last decided one is the newest.
    const index = this.#undecided.findLastIndex(({ open }) => open.size === 0);
    const decided = this.#undecided[index];
    if (decided === undefined) return;
    if (this.#base?.epoch !== decided.snapshot.epoch) this.#dropEarlierEpochs(decided.snapshot.epoch);
    this.#base = decided.snapshot;
    this.#undecided = this.#undecided.slice(index + 1);
    this.#dropIncluded();
  }

  /** Drops the changes that were acknowledged in an earlier epoch. */
  #dropEarlierEpochs(epoch: string | null): void {
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

/**
 * Whether a position is newer. Any higher seq is, because values in between may be left out, and so is any other epoch.
 */
const isNewer = (position: Position, than: Position | undefined): boolean =>
  than === undefined || position.epoch !== than.epoch || position.seq > than.seq;

import type { PresenceFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { Presence } from './types.ts';

/** The members of a topic, as reported by the server. */
export class Members {
  #members: ReadonlySet<string> = new Set();
  #count = 0;
  #countedAt = '';
  #self: string | undefined;

  /** The current members; undefined before the first list. */
  get presence(): Presence | undefined {
    return this.#self === undefined ? undefined : { members: this.#members, count: this.#count, self: this.#self };
  }

  /** Applies a frame: a list when it has `self`, else a change. Returns false for a change before the first list. */
  take({ joined, left, count, countedAt, self = this.#self }: PresenceFrame, isList: boolean): boolean {
    if (self === undefined) return false;
    const members = new Set(isList ? [] : this.#members);
    for (const member of left) members.delete(member);
    for (const member of joined) if (members.size < BOUNDS.MEMBERS) members.add(member);
    this.#members = members;
    this.#self = self;
    // ISO 8601 sorts as text. Frames may overtake one another: only a later count is news.
    if (isList || countedAt >= this.#countedAt) {
      this.#count = count;
      this.#countedAt = countedAt;
    }
    return true;
  }
}

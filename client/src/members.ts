import type { PresenceFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { Presence } from './types.ts';

/** Who is at a topic, by what the server has told. */
export class Members {
  #members: ReadonlySet<string> = new Set();
  #count = 0;
  #countedAt = '';
  #self: string | undefined;

  /** Undefined before the first frame. */
  get presence(): Presence | undefined {
    return this.#self === undefined ? undefined : { members: this.#members, count: this.#count, self: this.#self };
  }

  /** A frame with `self` lists who is there, any other what has changed. False for a change before the first list. */
  take({ joined, left, count, countedAt, self = this.#self }: PresenceFrame, isList: boolean): boolean {
    if (self === undefined) return false;
    const members = new Set(isList ? [] : this.#members);
    for (const member of left) members.delete(member);
    for (const member of joined) if (members.size < BOUNDS.MEMBERS) members.add(member);
    this.#members = members;
    this.#self = self;
    // ISO 8601 sorts as text. Two frames may overtake one another, and only the later count is news.
    if (isList || countedAt >= this.#countedAt) {
      this.#count = count;
      this.#countedAt = countedAt;
    }
    return true;
  }
}

import type { MemberFields, MembersFrame, PresenceFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { Member, Presence } from './types.ts';

/** A member, and the time by the server's clock at which it joined. */
interface Known {
  readonly member: Member;
  readonly joinedAt: string;
}

type KnownMembers = Map<string, Known>;

/** The members that a frame has changed. */
export interface ChangedMembers {
  readonly joined: readonly Member[];
  readonly left: readonly Member[];
  readonly updated: readonly Member[];
}

/** The members of a topic, as reported by the server. */
export class Members {
  #known: KnownMembers = new Map();
  /** The list that is being received, and its time. */
  #list: KnownMembers | undefined;
  #listedAt = '';
  #count = 0;
  #countedAt = '';
  #self: string | undefined;

  /** The current members; undefined before the first list. */
  get presence(): Presence | undefined {
    if (this.#self === undefined) return undefined;
    return { members: new Set(this.#known.keys()), count: this.#count, self: this.#self };
  }

  get all(): readonly Member[] {
    return Array.from(this.#known.values(), ({ member }) => member);
  }

  /**
   * Applies a frame: a part of a list when it has `self`, else a change. Returns what has changed; undefined for a
   * change before the first list, and for a list that is not complete.
   */
  take(frame: PresenceFrame | MembersFrame): ChangedMembers | undefined {
    const { self, more, count = 0, countedAt = '' } = frame.type === 'presence' ? frame : {};
    if (self !== undefined && (this.#list === undefined || this.#listedAt !== countedAt)) this.#list = new Map();
    if (this.#list !== undefined) apply(frame, this.#list);
    // ISO 8601 sorts as text. Frames may overtake one another: only a later count is news.
    if (self !== undefined || countedAt >= this.#countedAt) {
      this.#count = count;
      this.#countedAt = countedAt;
    }
    if (self === undefined) return this.#self === undefined ? undefined : this.#become(new Map(this.#known), frame);
    this.#listedAt = countedAt;
    if (more === true) return undefined;
    this.#self = self;
    return this.#become(this.#list ?? new Map());
  }

  #become(next: KnownMembers, change?: PresenceFrame | MembersFrame): ChangedMembers {
    if (change === undefined) this.#list = undefined;
    else apply(change, next);
    const before = this.#known;
    this.#known = next;
    return { joined: lacking(next, before), left: lacking(before, next), updated: different(next, before) };
  }
}

/** Applies the joins, leaves and details of a frame to members. */
function apply(frame: PresenceFrame | MembersFrame, members: KnownMembers): void {
  if (frame.type === 'presence') {
    const { joined, left, countedAt } = frame;
    // The leave of a member may come after its next join, which another part of the server has seen.
    for (const id of left) if (!((members.get(id)?.joinedAt ?? '') > countedAt)) members.delete(id);
    for (const id of joined) {
      const { member } = members.get(id) ?? { member: { id } };
      if (members.size < BOUNDS.MEMBERS) members.set(id, { member, joinedAt: countedAt });
    }
  }
  for (const fields of frame.members ?? []) {
    const known = members.get(fields.id);
    if (known !== undefined) members.set(fields.id, { ...known, member: withFields(known.member, fields) });
  }
}

/** Returns a member with newer fields. A state of `null` has ended. */
function withFields(member: Member, fields: MemberFields): Member {
  const { state, ...rest } = { ...member, ...fields };
  return state === null || state === undefined ? rest : { ...rest, state };
}

const lacking = (members: KnownMembers, others: KnownMembers): readonly Member[] =>
  [...members].flatMap(([id, { member }]) => (others.has(id) ? [] : [member]));

const different = (members: KnownMembers, before: KnownMembers): readonly Member[] =>
  [...members].flatMap(([id, { member }]) => {
    const old = before.get(id)?.member ?? member;
    return old === member || JSON.stringify(old) === JSON.stringify(member) ? [] : [member];
  });

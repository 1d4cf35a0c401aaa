import { byteLength } from '../../protocol/decode-frame.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { MemberFields, MembersFrame, PresenceFrame } from '../../protocol/server-frames.ts';

/** Bytes of a frame that are kept for its other fields: a topic, and a receiver's subject in JSON. */
const ENVELOPE_BYTES = 1_024;

/** A topic's members at a time. */
interface Counted {
  readonly topic: string;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly countedAt: number;
}

/** A change of a topic's members. */
export interface MembersChange extends Counted {
  readonly joined: readonly MemberFields[];
  readonly left: readonly string[];
  /** The members whose state changed. */
  readonly stated: readonly MemberFields[];
}

/** An entry of a frame: a member that joined, one that left, or one whose state changed. */
interface Entry {
  readonly joined?: string;
  readonly left?: string;
  readonly member?: MemberFields;
}

/**
 * Encodes a change as `presence` frames, in which up to LIMITS.PRESENCE_MEMBERS members are named and all are counted;
 * as `members` frames if only states changed. Returns several frames for what does not fit one, none for no change.
 */
export function encodeMembers({ topic, joined, left, stated, ...counted }: MembersChange): readonly string[] {
  const came = joined.slice(0, LIMITS.PRESENCE_MEMBERS).map(joinedEntry);
  const went = left.slice(0, LIMITS.PRESENCE_MEMBERS - came.length).map((id): Entry => ({ left: id }));
  const changed = stated.slice(0, LIMITS.PRESENCE_MEMBERS).map((member): Entry => ({ member }));
  const parts = pack([...came, ...went, ...changed]);
  if (came.length + went.length > 0) return parts.map((part) => presenceText({ topic, ...counted }, part));
  return parts.map((part) =>
    JSON.stringify({ type: 'members', topic, members: membersIn(part) } satisfies MembersFrame),
  );
}

/** Encodes a list of members as the texts of `presence` frames, which `addressTo` completes for a receiver. */
export function encodeList(members: readonly MemberFields[], counted: Counted): readonly string[] {
  const parts = pack(members.map(joinedEntry));
  const last = parts.length - 1;
  return (parts.length === 0 ? [[]] : parts).map((part, index) =>
    presenceText(counted, part, index < last ? { more: true } : {}),
  );
}

/** Completes the text of a frame of a list with its receiver's own member. */
export const addressTo = (self: string, text: string): string => `${text.slice(0, -1)},"self":${JSON.stringify(self)}}`;

function joinedEntry(member: MemberFields): Entry {
  const { id, profile, state } = member;
  return profile === undefined && state === undefined ? { joined: id } : { joined: id, member };
}

function presenceText(
  { topic, count, countedAt }: Counted,
  entries: readonly Entry[],
  end: Pick<PresenceFrame, 'more'> = {},
): string {
  const members = membersIn(entries);
  return JSON.stringify({
    type: 'presence',
    topic,
    joined: entries.flatMap(({ joined }) => joined ?? []),
    left: entries.flatMap(({ left }) => left ?? []),
    count,
    countedAt: new Date(countedAt).toISOString(),
    ...(members.length === 0 ? {} : { members }),
    ...end,
  } satisfies PresenceFrame);
}

const membersIn = (entries: readonly Entry[]): MemberFields[] => entries.flatMap(({ member }) => member ?? []);

/** Groups entries, in their order, so that each group fits one frame. */
function pack(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const parts: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = bytesOf(entry);
    if (bytes > room) {
      parts.push([]);
      room = LIMITS.FRAME_BYTES - ENVELOPE_BYTES;
    }
    parts.at(-1)?.push(entry);
    room -= bytes;
  }
  return parts;
}

const bytesOf = (entry: Entry): number =>
  Object.values(entry).reduce((sum: number, value) => sum + byteLength(JSON.stringify(value)) + 1, 0);

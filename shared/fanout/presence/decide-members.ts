import { LIMITS } from '../../protocol/limits.ts';
import type { AwayMember, AwayRecord } from '../../store/away.ts';
import type { MemberConnection } from '../../store/presence.ts';
import type { Move, TopicBatch } from './topic-batch.ts';

/**
 * Time in ms for which a subject without a connection stays a member of a topic, 10 s. A client that comes back within
 * it neither leaves nor joins; the leave of another one is reported as much later.
 * @limit client
 */
export const AWAY_MS = 10_000;

/**
 * Time in ms after which a record of a member that is away no longer counts the member. A record of that age is left
 * over from a batch that was given up, and the topic's next leave settles it.
 */
const STALE_AWAY_MS = 60_000;

/** The connections of each member of a topic, by the member's key. */
export type Roster = ReadonlyMap<string, readonly MemberConnection[]>;

/** Returns the key of a member: of the subject, or of the connection of an anonymous one. No two keys can be equal. */
const memberKeyOf = ({ subject, connectionId }: MemberConnection): string =>
  subject === undefined ? `#${connectionId}` : subjectKey(subject);

/** Returns the key of a subject. */
export const subjectKey = (subject: string): string => `=${subject}`;

/** Returns the members of a topic by the rows of the index, which is eventually consistent, and by a batch's moves. */
export function rosterOf(rows: Iterable<MemberConnection>, moves: TopicBatch['moves']): Roster {
  const connections = new Map(Array.from(rows, (row) => [row.connectionId, row] as const));
  for (const [connectionId, { connection, last }] of moves) {
    if (last === 'joined') connections.set(connectionId, connection);
    else connections.delete(connectionId);
  }
  return Map.groupBy(connections.values(), memberKeyOf);
}

/** The consequences of the moves of a topic's connections. */
export interface Decision {
  /** The members that joined. */
  readonly joined: readonly Move['connection'][];
  /** The members that joined, unless they are only back. */
  readonly returning: readonly Move['connection'][];
  /** The members that left: anonymous ones, and those of which too many are away. */
  readonly left: readonly MemberConnection[];
  /** The members of which a connection ended: whether they left is decided later. */
  readonly away: readonly AwayMember[];
}

/** The facts by which moves are decided. */
export interface Facts {
  readonly moves: TopicBatch['moves'];
  /** The members, corrected by the moves. */
  readonly roster: Roster;
  readonly away: readonly AwayRecord[];
  readonly nowMs: number;
}

/**
 * Decides which members joined and left a topic. An anonymous connection joins and leaves at once, unless it did both
 * in the batch. A subject joins by the earliest of its connections, so that of several that come at once, seen by
 * several batches, at least one is reported; a join that is reported twice does no harm. Whether a subject left is
 * decided after AWAY_MS, when the index no longer shows a connection too few or too many.
 */
export function decideMoves(facts: Facts): Decision {
  const decided: Mutable<Decision> = { joined: [], returning: [], left: [], away: [] };
  const known = new Map(facts.away.map((record) => [record.subject, record]));
  for (const moves of Map.groupBy(facts.moves.values(), ({ connection }) => memberKeyOf(connection)).values()) {
    const subject = moves[0]?.connection.subject;
    if (subject === undefined) decideAnonymous(decided, moves);
    else decideSubject(decided, moves, { ...facts, subject, known });
  }
  return decided;
}

type Mutable<T> = { [Name in keyof T]: T[Name] extends readonly (infer Each)[] ? Each[] : T[Name] };

function decideAnonymous(decided: Mutable<Decision>, moves: readonly Move[]): void {
  for (const { connection, first, last } of moves) {
    if (first === last) decided[last].push(connection);
  }
}

interface SubjectFacts extends Facts {
  readonly subject: string;
  readonly known: ReadonlyMap<string, AwayRecord>;
}

function decideSubject(decided: Mutable<Decision>, moves: readonly Move[], facts: SubjectFacts): void {
  const { subject, roster, known } = facts;
  const present = roster.get(subjectKey(subject)) ?? [];
  const record = known.get(subject);
  const isKept = record !== undefined || known.size + decided.away.length < LIMITS.PRESENCE_MEMBERS;
  const wasHere = moves.some(({ first }) => first === 'left');
  const began = wasHere ? undefined : joinOf(moves, present);
  if (began !== undefined && (present.length > 0 || isKept)) {
    (isReturn(began, record) ? decided.returning : decided.joined).push(newestOf(moves, began).connection);
  }
  // A connection that began in this batch, too, may have been reported by another batch, which saw it in the index.
  const ended = moves.find(({ first, last }) => first === 'left' || last === 'left');
  if (ended === undefined) return;
  if (isKept) decided.away.push(awayMemberOf(ended, moves, facts));
  else if (wasHere && present.length === 0) decided.left.push(ended.connection);
}

/**
 * Whether a member that is away comes back by a move. A connection that is older than the note may be the first one of
 * the member: its record is in another batch than the one that noted the end of a later connection.
 */
const isReturn = ({ connection }: Move, record: AwayRecord | undefined): boolean =>
  record !== undefined && record.sinceMs < connection.connectedAt;

function awayMemberOf(ended: Move, moves: readonly Move[], { subject, known, nowMs }: SubjectFacts): AwayMember {
  const isStated = known.get(subject)?.isStated === true || moves.some(({ endedState }) => endedState);
  return { subject, sinceMs: nowMs, profile: ended.connection.profile, isStated };
}

/** Returns the move of a subject's first connection, by which it joins; undefined if another one was earlier. */
const joinOf = (moves: readonly Move[], present: readonly MemberConnection[]): Move | undefined =>
  moves.find(({ connection }) => present.every((other) => !isEarlier(other, connection)));

/** Returns the move of the newest connection: its profile is the newest. */
const newestOf = (moves: readonly Move[], first: Move): Move =>
  moves.reduce((newest, move) => (isEarlier(newest.connection, move.connection) ? move : newest), first);

/** Whether one connection was made before another. Every batch sees the same order. */
export const isEarlier = (one: MemberConnection, other: MemberConnection): boolean =>
  one.connectedAt === other.connectedAt ? one.connectionId < other.connectionId : one.connectedAt < other.connectedAt;

/** Whether a member that is away still counts as one. */
export const isAwayMember = ({ isGone, sinceMs }: AwayRecord, nowMs: number): boolean =>
  !isGone && nowMs - sinceMs < STALE_AWAY_MS;

/** Whether it is time to decide whether a member that is away has left. */
export const isDue = ({ sinceMs }: AwayMember, nowMs: number): boolean => nowMs - sinceMs >= AWAY_MS;

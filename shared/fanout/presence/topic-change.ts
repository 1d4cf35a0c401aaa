import { LIMITS } from '../../protocol/limits.ts';
import type { MemberFields } from '../../protocol/server-frames.ts';
import type { AwayRecord, AwayStore } from '../../store/away.ts';
import type { MemberConnection, Watcher } from '../../store/presence.ts';
import {
  type Decision,
  decideMoves,
  isAwayMember,
  isDue,
  type Roster,
  rosterOf,
  subjectKey,
} from './decide-members.ts';
import { fieldsOf, idOf, type ReadDetails, readMembers, stateOf } from './member-fields.ts';
import type { MembersChange } from './presence-frame.ts';
import type { TopicBatch } from './topic-batch.ts';

/** The dependencies of finding what changed at a topic. */
export interface TopicChangeDeps {
  /** Lists the connections with a presence subscription for the topic. */
  readonly listWatchers: (topic: string) => AsyncIterable<Watcher>;
  /** Lists the connections of all members, as the index shows them. */
  readonly listMembers: (topic: string) => AsyncIterable<MemberConnection>;
  readonly readDetails: ReadDetails;
  readonly away: AwayStore;
  /** Returns the time in epoch milliseconds. */
  readonly now: () => number;
}

/** The news of a topic in a batch, for those who watch it. */
export interface TopicChange {
  readonly change: MembersChange;
  /** The watchers who get the change. */
  readonly watchers: readonly Watcher[];
  /** The members for new watchers: at most LIMITS.PRESENCE_MEMBERS of them. Empty without a new watcher. */
  readonly list: readonly MemberFields[];
  /** The new watchers, who get the list instead. */
  readonly newWatchers: readonly Watcher[];
  /** Settles the members that were away, once the watchers have learnt of it. */
  readonly finish: () => Promise<void>;
}

/**
 * Finds what changed at a topic, and notes the members that are away now. Resolves to undefined for a topic without
 * watchers, which costs one query of the index. Rejects when the tables cannot be read or written.
 */
export async function changeOf(deps: TopicChangeDeps, events: TopicBatch): Promise<TopicChange | undefined> {
  const watchers = await watchersNow(deps, events);
  if (watchers.length === 0) return forget(deps, events);
  const scene = await sceneOf(deps, events);
  const decision = decideMoves({ ...scene, moves: events.moves });
  const overdue = await decideOverdue(deps, scene);
  const strangers = await welcome(deps, events.topic, decision.returning);
  if (decision.away.length > 0) await deps.away.note(events.topic, decision.away);
  const change = await describe(deps, scene, { ...decision, joined: [...decision.joined, ...strangers], ...overdue });
  const { yes: newWatchers = [], no: others = [] } = Object.groupBy(watchers, ({ connectionId }) =>
    events.newWatchers.has(connectionId) ? 'yes' : 'no',
  );
  const list = newWatchers.length === 0 ? [] : await listOf(deps, scene, decision);
  return { change, watchers: others, list, newWatchers, finish: () => finish(deps, scene, overdue) };
}

/** Returns the watchers. The index is eventually consistent: the batch's own events correct what it shows. */
async function watchersNow(
  deps: TopicChangeDeps,
  { topic, moves, newWatchers }: TopicBatch,
): Promise<readonly Watcher[]> {
  const watchers = new Map((await Array.fromAsync(deps.listWatchers(topic))).map((each) => [each.connectionId, each]));
  for (const [connectionId, watcher] of newWatchers) watchers.set(connectionId, watcher);
  for (const [connectionId, { last }] of moves) if (last === 'left') watchers.delete(connectionId);
  return [...watchers.values()];
}

/** Ends the clock of a topic that nobody watches any more. */
async function forget({ away }: TopicChangeDeps, { topic, check }: TopicBatch): Promise<undefined> {
  if (check === undefined) return;
  await away.settle(topic, await away.list(topic));
  await away.stop(check);
}

/** A topic at the time of a batch. */
interface Scene {
  readonly events: TopicBatch;
  readonly roster: Roster;
  readonly away: readonly AwayRecord[];
  /** The members that are away for so long that their leave is decided now. */
  readonly overdue: readonly AwayRecord[];
  readonly nowMs: number;
}

async function sceneOf(deps: TopicChangeDeps, events: TopicBatch): Promise<Scene> {
  const { topic, moves, newWatchers, check } = events;
  const nowMs = deps.now();
  const away = isNamed(events) ? await deps.away.list(topic) : [];
  const overdue = check === undefined ? [] : away.filter((record) => isDue(record, nowMs));
  // The members are not listed for states alone, nor for each tick of the clock: a topic may have many.
  const isListed = moves.size + newWatchers.size + overdue.length > 0;
  const rows = isListed ? await Array.fromAsync(deps.listMembers(topic)) : [];
  return { events, roster: rosterOf(rows, moves), away, overdue, nowMs };
}

/** Whether the events of a topic are about subjects. Without them nobody is away, and nothing is read. */
const isNamed = ({ moves, newWatchers, check }: TopicBatch): boolean =>
  check !== undefined ||
  [...newWatchers.values()].some(({ subject }) => subject !== undefined) ||
  [...moves.values()].some(({ connection }) => connection.subject !== undefined);

/** The members whose time to come back is over. */
interface Overdue {
  /** The members that have left. */
  readonly gone: readonly AwayRecord[];
  /** The members that have a connection again, or never lost their last one. */
  readonly back: readonly AwayRecord[];
}

/**
 * Decides which of the overdue members have left. A member that another batch has seen coming back has not; one whose
 * leave was decided before, by a batch that failed then, has, unless it is there again.
 */
async function decideOverdue(deps: TopicChangeDeps, { events, roster, overdue }: Scene): Promise<Overdue> {
  const isHere = ({ subject, isBack }: AwayRecord): boolean => isBack || roster.has(subjectKey(subject));
  const absent = overdue.filter((record) => !isHere(record));
  const decided = await deps.away.decide(
    events.topic,
    absent.filter(({ isGone }) => !isGone),
  );
  return { gone: [...absent.filter(({ isGone }) => isGone), ...decided], back: overdue.filter(isHere) };
}

/** Notes that members are back. Resolves to those that were not away any more, and join. */
async function welcome(deps: TopicChangeDeps, topic: string, returning: Decision['returning']) {
  const subjects = returning.flatMap(({ subject }) => subject ?? []);
  const strangers = new Set(subjects.length === 0 ? [] : await deps.away.welcome(topic, subjects));
  return returning.filter(({ subject }) => subject !== undefined && strangers.has(subject));
}

async function describe(
  deps: TopicChangeDeps,
  scene: Scene,
  { joined, left, away, gone, back }: Decision & Overdue,
): Promise<MembersChange> {
  const { events, roster, nowMs } = scene;
  const { topic, states } = events;
  const came = new Set(joined.flatMap(({ subject }) => subject ?? []));
  const stated = [...states].filter(([subject]) => !came.has(subject));
  return {
    topic,
    joined: joined.map((connection) => {
      const state = states.get(connection.subject ?? '') ?? connection;
      return fieldsOf(idOf(connection), { ...connection, state: state.state });
    }),
    left: [...left.map(idOf), ...gone.map(({ subject }) => subject)],
    stated: [
      ...stated.map(([subject, connection]) => stateOf(subject, connection)),
      ...(await readStates(deps, scene, back)),
    ],
    count: roster.size + awayNow(scene, away, gone).length,
    countedAt: nowMs,
  };
}

/** Reads the states of members that lost the connection by which they had set one, and are here by another one. */
async function readStates(
  { readDetails }: TopicChangeDeps,
  { events, roster }: Scene,
  back: readonly AwayRecord[],
): Promise<readonly MemberFields[]> {
  const due = back.filter(({ subject, isStated }) => isStated && !events.states.has(subject));
  const connections = due.flatMap(({ subject }) => {
    const own = roster.get(subjectKey(subject));
    return own === undefined ? [] : [own];
  });
  if (connections.length === 0) return [];
  const members = await readMembers(readDetails, events.topic, connections);
  return members.map(({ id, state = null }) => ({ id, state }));
}

/** Returns the members that are here only because they may come back. */
function awayNow(
  { away, roster, nowMs }: Scene,
  noted: Decision['away'],
  gone: readonly AwayRecord[],
): readonly Pick<AwayRecord, 'subject' | 'profile'>[] {
  const known = away.filter((record) => isAwayMember(record, nowMs));
  const members = new Map([...known, ...noted].map((member) => [member.subject, member]));
  for (const { subject } of gone) members.delete(subject);
  return [...members.values()].filter(({ subject }) => !roster.has(subjectKey(subject)));
}

/** Returns the list of members for new watchers. */
async function listOf(
  { readDetails }: TopicChangeDeps,
  scene: Scene,
  { away }: Decision,
): Promise<readonly MemberFields[]> {
  const { events, roster } = scene;
  const present = [...roster.values()].slice(0, LIMITS.PRESENCE_MEMBERS);
  const members = await readMembers(readDetails, events.topic, present);
  const absent = awayNow(scene, away, scene.overdue).map(({ subject, profile }) => fieldsOf(subject, { profile }));
  // A read that is eventually consistent may miss a state that the batch shows.
  const withState = members.map((member) => ({ ...member, ...newStateOf(events, member) }));
  return [...withState, ...absent].slice(0, LIMITS.PRESENCE_MEMBERS);
}

function newStateOf({ states }: TopicBatch, { id }: MemberFields): Pick<MemberFields, 'state'> {
  const stated = states.get(id);
  return stated === undefined ? {} : { state: stateOf(id, stated).state };
}

/** Deletes the records of the members whose time is over, and sets the clock again while others are away. */
async function finish(
  { away: store }: TopicChangeDeps,
  { events, away }: Scene,
  { gone, back }: Overdue,
): Promise<void> {
  const { topic, check } = events;
  if (check === undefined) return;
  const settled = [...gone, ...back];
  await store.settle(topic, settled);
  await (settled.length < away.length ? store.setAgain(check) : store.stop(check));
}

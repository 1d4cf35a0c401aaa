import { LIMITS } from '../../protocol/limits.ts';
import { runBounded } from '../../run-bounded.ts';
import { type Arrival, memberOf, type PresenceEvent, type Watcher } from '../../store/presence.ts';
import type { ConnectionRef } from '../../store/subscription-record.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import {
  deliverFrames,
  type DeliverFramesDeps,
  TOPIC_CONCURRENCY,
  type TopicFrame,
} from '../deliver/deliver-frames.ts';
import { encodePresence } from './presence-frame.ts';

/** The dependencies of announcing presence. */
export interface PresenceDeps extends DeliverFramesDeps {
  /** Lists the connections with a presence subscription for the topic. */
  readonly listWatchers: (topic: string) => AsyncIterable<Watcher>;
  /** Lists the connection ids of all subscribers, as the index shows them. */
  readonly listMembers: (topic: string) => AsyncIterable<string>;
}

/** The presence events of one topic in a batch. */
interface TopicEvents {
  readonly topic: string;
  /** The first and the last move of each connection. */
  readonly moves: Map<string, { readonly first: Arrival['kind']; readonly last: Arrival['kind'] }>;
  readonly newWatchers: Map<string, Watcher>;
}

/**
 * Announces to the watchers of a topic which members joined and left, and to new watchers which members there are. A
 * topic without watchers costs one query of the index. Rejects when the index cannot be read.
 */
export async function announcePresence(
  deps: PresenceDeps,
  events: readonly PresenceEvent[],
): Promise<{ readonly isDone: boolean; readonly results: readonly DeliveryResult[] }> {
  const due = await runBounded(byTopic(events), TOPIC_CONCURRENCY, (topicEvents) => dueOf(deps, topicEvents));
  const each = due.flat();
  const to = new Map(each.map(({ frame, watchers }) => [frame.topic, watchers]));
  const frames = each.map(({ frame }) => frame);
  const { results, done } = await deliverFrames(deps, frames, to);
  return { isDone: done === frames.length, results };
}

function byTopic(events: readonly PresenceEvent[]): TopicEvents[] {
  const topics = new Map<string, TopicEvents>();
  for (const event of events) {
    const { topic, kind, connection } = event;
    const known = topics.get(topic) ?? { topic, moves: new Map(), newWatchers: new Map() };
    topics.set(topic, known);
    const { connectionId } = connection;
    if (kind === 'watching') known.newWatchers.set(connectionId, connection);
    else known.moves.set(connectionId, { first: known.moves.get(connectionId)?.first ?? kind, last: kind });
  }
  return [...topics.values()];
}

interface Due {
  readonly frame: TopicFrame;
  readonly watchers: readonly (Watcher & { readonly batch: false })[];
}

/**
 * Returns the frames that are due: the list of members to each new watcher, with its own name in it; the change to all
 * others.
 */
async function dueOf(deps: PresenceDeps, { topic, moves, newWatchers }: TopicEvents): Promise<Due[]> {
  const watchers = await watchersNow(deps, { topic, moves, newWatchers });
  if (watchers.length === 0) return [];
  const members = await membersNow(deps, topic, moves);
  const count = { topic, count: members.length, countedAt: deps.now() };
  const [joined, left] = [netOf(moves, 'joined'), netOf(moves, 'left')];
  const isNew = ({ connectionId }: ConnectionRef): boolean => newWatchers.has(connectionId);
  // A member's name is a hash, which is computed only for members that a frame names.
  const named = watchers.some(isNew) ? members.slice(0, LIMITS.PRESENCE_MEMBERS).map(memberOf) : [];
  const lists = watchers.filter(isNew).map((watcher) => ({
    frame: {
      topic: `${topic}#${watcher.connectionId}`,
      text: encodePresence({ ...count, joined: named, left: [], self: memberOf(watcher.connectionId) }),
    },
    watchers: [watcher],
  }));
  if (joined.length + left.length === 0) return lists;
  const others = watchers.filter((watcher) => !isNew(watcher));
  return [...lists, { frame: { topic, text: encodePresence({ ...count, joined, left }) }, watchers: others }];
}

/** Returns the watchers. The index is eventually consistent: the batch's own events correct what it shows. */
async function watchersNow(deps: PresenceDeps, { topic, moves, newWatchers }: TopicEvents): Promise<Due['watchers']> {
  const watchers = new Map((await Array.fromAsync(deps.listWatchers(topic))).map((each) => [each.connectionId, each]));
  for (const [connectionId, watcher] of newWatchers) watchers.set(connectionId, watcher);
  for (const [connectionId, { last }] of moves) if (last === 'left') watchers.delete(connectionId);
  return Array.from(watchers.values(), (watcher) => ({ ...watcher, batch: false }));
}

/** Returns the connection ids of all members, corrected by the batch's own events. */
async function membersNow(deps: PresenceDeps, topic: string, moves: TopicEvents['moves']): Promise<string[]> {
  const ids = new Set(await Array.fromAsync(deps.listMembers(topic)));
  for (const [connectionId, { last }] of moves) {
    if (last === 'joined') ids.add(connectionId);
    else ids.delete(connectionId);
  }
  return [...ids];
}

/**
 * Returns the members whose net move in the batch is this one. A member that joined and left again is no news, nor the
 * reverse.
 */
const netOf = (moves: TopicEvents['moves'], kind: Arrival['kind']): string[] =>
  [...moves].flatMap(([connectionId, { first, last }]) =>
    first === kind && last === kind ? [memberOf(connectionId)] : [],
  );

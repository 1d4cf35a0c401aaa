import { LIMITS } from '../../protocol/limits.ts';
import { runBounded } from '../../run-bounded.ts';
import { type Arrival, memberOf, type PresenceEvent } from '../../store/presence.ts';
import type { ConnectionRef } from '../../store/subscription-record.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import type { DeliveryResult } from '../deliver/post-all.ts';
import { deliverToSubscribers, type SubscriberDeliveryDeps, type TopicFrame } from '../deliver/deliver-frames.ts';
import { encodePresence } from './presence-frame.ts';

export interface PresenceDeps extends SubscriberDeliveryDeps {
  /** Those who asked to be told of the topic's members. */
  readonly listWatchers: (topic: string) => AsyncIterable<ConnectionRef>;
  /** Connection ids of all subscribers, as the index shows them. */
  readonly listMembers: (topic: string) => AsyncIterable<string>;
}

/** What happened in a batch to one topic. */
interface TopicEvents {
  readonly topic: string;
  /** The first and the last that each connection did. */
  readonly moves: Map<string, { readonly first: Arrival['kind']; readonly last: Arrival['kind'] }>;
  readonly newWatchers: Map<string, ConnectionRef>;
}

/**
 * Tells those who watch a topic who came and who left, and new watchers who is there. Costs one look into the index for a
 * topic that nobody watches. Rejects when the index cannot be read.
 */
export async function tellPresence(
  deps: PresenceDeps,
  events: readonly PresenceEvent[],
): Promise<{ readonly isDone: boolean; readonly results: readonly DeliveryResult[] }> {
  const due = await runBounded(byTopic(events), FANOUT_BOUNDS.TOPIC_CONCURRENCY, (topicEvents) =>
    dueOf(deps, topicEvents),
  );
  const each = due.flat();
  const to = new Map(each.map(({ frame, watchers }) => [frame.topic, watchers]));
  const frames = each.map(({ frame }) => frame);
  const { results, done } = await deliverToSubscribers(deps, frames, to);
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
  readonly watchers: readonly (ConnectionRef & { readonly batch: false })[];
}

/** The list goes to each new watcher, under its own name; the change to all others. */
async function dueOf(deps: PresenceDeps, { topic, moves, newWatchers }: TopicEvents): Promise<Due[]> {
  const watchers = await watchersNow(deps, { topic, moves, newWatchers });
  if (watchers.length === 0) return [];
  const members = await membersNow(deps, topic, moves);
  const count = { topic, count: members.length, countedAt: deps.now() };
  const [joined, left] = [netOf(moves, 'joined'), netOf(moves, 'left')];
  const isNew = ({ connectionId }: ConnectionRef): boolean => newWatchers.has(connectionId);
  // A name is a hash: none is worked out that nobody is told.
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

/** The index may not show a new one yet, or still show one that has left. */
async function watchersNow(deps: PresenceDeps, { topic, moves, newWatchers }: TopicEvents): Promise<Due['watchers']> {
  const watchers = new Map((await Array.fromAsync(deps.listWatchers(topic))).map((each) => [each.connectionId, each]));
  for (const [connectionId, watcher] of newWatchers) watchers.set(connectionId, watcher);
  for (const [connectionId, { last }] of moves) if (last === 'left') watchers.delete(connectionId);
  return Array.from(watchers.values(), (watcher) => ({ ...watcher, batch: false }));
}

/** Connection ids of all members, with what this batch says of them: the index follows the table eventually. */
async function membersNow(deps: PresenceDeps, topic: string, moves: TopicEvents['moves']): Promise<string[]> {
  const ids = new Set(await Array.fromAsync(deps.listMembers(topic)));
  for (const [connectionId, { last }] of moves) {
    if (last === 'joined') ids.add(connectionId);
    else ids.delete(connectionId);
  }
  return [...ids];
}

/** Who came and left again within a batch is no news, nor who left and came again. */
const netOf = (moves: TopicEvents['moves'], kind: Arrival['kind']): string[] =>
  [...moves].flatMap(([connectionId, { first, last }]) =>
    first === kind && last === kind ? [memberOf(connectionId)] : [],
  );

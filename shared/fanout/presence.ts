import { runBounded } from '../run-bounded.ts';
import type { Arrival, PresenceEvent } from '../store/presence.ts';
import type { Connection } from '../store/subscription-record.ts';
import { FANOUT_BOUNDS } from './bounds.ts';
import { type DeliverDeps, type Delivery, type DeliveryResult, deliver } from './deliver.ts';
import { encodePresence, memberOf } from './presence-frame.ts';

export interface PresenceDeps extends DeliverDeps {
  /** Those who asked to be told of the topic's members. */
  readonly listWatchers: (topic: string) => AsyncIterable<Connection>;
  /** Connection ids of all subscribers, as the index shows them. */
  readonly listMembers: (topic: string) => AsyncIterable<string>;
}

/** What happened in a batch to one topic. */
interface TopicEvents {
  readonly topic: string;
  /** The first and the last that each connection did. */
  readonly moves: Map<string, { readonly first: Arrival['kind']; readonly last: Arrival['kind'] }>;
  readonly newWatchers: Map<string, Connection>;
}

/**
 * Tells those who watch a topic who came and who left, and new watchers who is there. Costs one look into the index for a
 * topic that nobody watches. Resolves to how the deliveries ended; rejects when the index cannot be read.
 */
export async function tellPresence(deps: PresenceDeps, events: readonly PresenceEvent[]): Promise<DeliveryResult[]> {
  const results = await runBounded(byTopic(events), FANOUT_BOUNDS.TOPIC_CONCURRENCY, async (topicEvents) =>
    deliver(deps, await deliveriesOf(deps, topicEvents)),
  );
  return results.flat();
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

async function deliveriesOf(deps: PresenceDeps, { topic, moves, newWatchers }: TopicEvents): Promise<Delivery[]> {
  const watchers = new Map((await Array.fromAsync(deps.listWatchers(topic))).map((each) => [each.connectionId, each]));
  // The index may not show a new one yet, or still show one that has left.
  for (const [connectionId, watcher] of newWatchers) watchers.set(connectionId, watcher);
  for (const [connectionId, { last }] of moves) if (last === 'left') watchers.delete(connectionId);
  if (watchers.size === 0) return [];
  const members = await membersNow(deps, topic, moves);
  const count = { count: members.length, countedAt: deps.now() };
  const change = { topic, joined: netOf(moves, 'joined'), left: netOf(moves, 'left'), ...count };
  const isNews = change.joined.length + change.left.length > 0;
  const delta = encodePresence(change);
  return [...watchers.values()].flatMap((watcher) => {
    const isNew = newWatchers.has(watcher.connectionId);
    if (!isNew && !isNews) return [];
    const list = { topic, joined: members, left: [], ...count, self: memberOf(watcher.connectionId) };
    return [{ ...watcher, frames: [isNew ? encodePresence(list) : delta] }];
  });
}

/** All members, with what this batch says of them: the index follows the table eventually. */
async function membersNow(deps: PresenceDeps, topic: string, moves: TopicEvents['moves']): Promise<string[]> {
  const ids = new Set(await Array.fromAsync(deps.listMembers(topic)));
  for (const [connectionId, { last }] of moves) {
    if (last === 'joined') ids.add(connectionId);
    else ids.delete(connectionId);
  }
  return Array.from(ids, memberOf);
}

/** Who came and left again within a batch is no news, nor who left and came again. */
const netOf = (moves: TopicEvents['moves'], kind: Arrival['kind']): string[] =>
  [...moves].flatMap(([connectionId, { first, last }]) =>
    first === kind && last === kind ? [memberOf(connectionId)] : [],
  );

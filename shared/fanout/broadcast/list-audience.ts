import type { Subscriber } from '../../store/subscribers.ts';
import type { WildcardsOver } from '../../store/wildcard-directory.ts';

/** The dependencies of listing an audience. */
export interface ListAudienceDeps {
  /** Lists the subscribers in the first `shards` shards of a topic, or of a wildcard. */
  readonly listSubscribers: (topic: string, shards: number) => AsyncIterable<Subscriber>;
  /** Returns the wildcards over a topic that may have subscribers; without it nothing is delivered by wildcards. */
  readonly wildcardsOver?: WildcardsOver | undefined;
}

/**
 * Lists the subscribers of a topic, and after them those of the wildcards over it. A connection that gets the topic by
 * several of its subscriptions is listed once. With 0 shards, lists those of the wildcards alone.
 */
export async function listAudience(
  { listSubscribers, wildcardsOver }: ListAudienceDeps,
  topic: string,
  shards: number,
): Promise<readonly Subscriber[]> {
  const listing = shards === 0 ? NOBODY : Array.fromAsync(listSubscribers(topic, shards));
  const [own, wildcards] = await Promise.all([listing, wildcardsOver?.(topic) ?? NONE]);
  if (wildcards.length === 0) return own;
  const lists = await Promise.all(
    wildcards.map(async (wildcard) => withWildcard(await Array.fromAsync(listSubscribers(wildcard, 1)), wildcard)),
  );
  return once([own, ...lists].flat());
}

const NOBODY: Promise<readonly Subscriber[]> = Promise.resolve([]);

const NONE: readonly string[] = [];

const withWildcard = (subscribers: readonly Subscriber[], wildcard: string): readonly Subscriber[] =>
  subscribers.map((subscriber) => ({ ...subscriber, wildcard }));

/** Returns the first of the entries of each connection. */
function once(subscribers: readonly Subscriber[]): readonly Subscriber[] {
  const first = new Map<string, Subscriber>();
  for (const subscriber of subscribers) {
    if (!first.has(subscriber.connectionId)) first.set(subscriber.connectionId, subscriber);
  }
  return [...first.values()];
}

/** Returns the number of subscribers that have subscribed to the topic itself. */
export const countOwn = (audience: readonly Subscriber[]): number =>
  audience.reduce((count, { wildcard }) => (wildcard === undefined ? count + 1 : count), 0);

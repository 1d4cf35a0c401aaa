import { isWildcard } from '../protocol/wildcard.ts';
import type { EnterWildcard } from './enter-wildcard.ts';
import { findShard, type ShardsOf } from './shard-directory.ts';
import type { ConnectionRef } from './connection-record.ts';
import type { NewSubscription } from './subscription-record.ts';

/** The dependencies of finding the place of a subscription. */
export interface PlaceDeps {
  readonly shardsOf: ShardsOf;
  readonly enterWildcard: EnterWildcard;
}

/**
 * Returns where the index lists a new subscription: in a shard of its topic; of a wildcard in its only shard, whose
 * root is entered in the directory before, so that broadcasts look there.
 */
export async function placeOf(
  { shardsOf, enterWildcard }: PlaceDeps,
  connection: ConnectionRef,
  topic: string,
): Promise<Pick<NewSubscription, 'shard' | 'isUnsettled'>> {
  if (!isWildcard(topic)) return { shard: await findShard(shardsOf, connection, topic) };
  return { shard: 0, isUnsettled: await enterWildcard(topic) };
}

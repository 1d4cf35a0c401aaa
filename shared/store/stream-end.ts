import type { Values } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { STREAM, TOPICS } from './schema.ts';
import type { StreamSettings } from './stream-state.ts';

/** Returns when a stream ends that is used now. The item outlives it: forks read its messages meanwhile. */
export function nextEnd({ ttlSeconds, deadline }: StreamSettings, nowMs: number): Values {
  const untouched = { [TOPICS.ttl]: Math.floor(nowMs / 1_000) + STORE_BOUNDS.TOPIC_IDLE_SECONDS };
  const endsAt =
    ttlSeconds === undefined ? (deadline === undefined ? undefined : Date.parse(deadline)) : nowMs + ttlSeconds * 1_000;
  if (endsAt === undefined) return untouched;
  return { [STREAM.endsAt]: endsAt, [TOPICS.ttl]: Math.floor(endsAt / 1_000) + STORE_BOUNDS.TOPIC_IDLE_SECONDS };
}

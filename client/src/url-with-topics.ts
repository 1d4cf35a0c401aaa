import * as BOUNDS from './bounds.ts';
import type { Position } from './types.ts';

/** A topic for the URL, and the position after which every message is wanted. */
export interface UrlTopic {
  readonly topic: string;
  readonly position?: Position | undefined;
}

/**
 * Returns the URL that subscribes to as many of `topics` as fit into it, and which topics these are. An empty list
 * subscribes to none. Their messages may arrive in batches.
 */
export function urlWithTopics(url: string, topics: readonly UrlTopic[]): { fullUrl: URL; included: readonly string[] } {
  const entries: string[] = [];
  const included: string[] = [];
  let length = 0;
  for (const { topic, position } of topics) {
    const entry = position === undefined ? topic : `${topic}@${position.epoch ?? ''}:${position.seq}`;
    length += encodeURIComponent(`,${entry}`).length;
    if (length > BOUNDS.URL_TOPICS_LENGTH) break;
    entries.push(entry);
    included.push(topic);
  }
  const fullUrl = new URL(url);
  fullUrl.searchParams.set('topics', entries.join());
  if (entries.length > 0) fullUrl.searchParams.set('batch', 'true');
  return { fullUrl, included };
}

import * as BOUNDS from './bounds.ts';

/**
 * Returns the URL that subscribes to as many of `topics` as fit into it, and which topics these are. An empty list
 * subscribes to none. Their messages may arrive in batches.
 */
export function urlWithTopics(url: string, topics: readonly string[]): { fullUrl: URL; included: readonly string[] } {
  const included = topics.filter((_, index) => topics.slice(0, index + 1).join().length <= BOUNDS.URL_TOPICS_LENGTH);
  const fullUrl = new URL(url);
  fullUrl.searchParams.set('topics', included.join());
  if (included.length > 0) fullUrl.searchParams.set('batch', 'true');
  return { fullUrl, included };
}

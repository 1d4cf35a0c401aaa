import * as BOUNDS from './bounds.ts';

/** The URL that subscribes to as many of `topics` as fit into it; without one, to none. What is due to them may come several in a frame. */
export function urlWithTopics(url: string, topics: readonly string[]): { target: URL; included: readonly string[] } {
  const included = topics.filter((_, index) => topics.slice(0, index + 1).join().length <= BOUNDS.URL_TOPICS_LENGTH);
  const target = new URL(url);
  target.searchParams.set('topics', included.join());
  if (included.length > 0) target.searchParams.set('batch', 'true');
  return { target, included };
}

import { BOUNDS } from './bounds.ts';

/** The URL that subscribes to as many of `topics` as fit into it; without one, to none. */
export function urlWithTopics(url: string, topics: readonly string[]): { href: string; included: readonly string[] } {
  const included = topics.filter((_, index) => topics.slice(0, index + 1).join().length <= BOUNDS.URL_TOPICS_LENGTH);
  const target = new URL(url);
  target.searchParams.set('topics', included.join());
  return { href: target.href, included };
}

import type { UrlTopic } from '../url-with-topics.ts';

/** Returns the topics that a URL subscribes to. */
export const topicsIn = ({ searchParams }: URL): readonly UrlTopic[] =>
  (searchParams.get('topics') ?? '').split(',').filter(Boolean).map(topicIn);

function topicIn(entry: string): UrlTopic {
  const [topic = '', position] = entry.split('@');
  if (position === undefined) return { topic };
  const end = position.lastIndexOf(':');
  return { topic, position: { epoch: position.slice(0, end) || null, seq: Number(position.slice(end + 1)) } };
}

import type { ListedHead } from '../../shared/store/operator-heads.ts';
import { duration, figure } from '../output.ts';
import type { Sample } from './sample-stream.ts';
import type { SubscriberCount } from './subscriber-counts.ts';

/** The state and the rate of a topic. */
export interface TopicStats {
  readonly topic: string;
  readonly kind: string;
  readonly seq?: number;
  readonly value?: number;
  readonly publishedAt?: string;
  /** Absent: not counted yet. */
  readonly subscribers?: number;
  /** Whether the topic has more subscribers: counting stopped there. */
  readonly hasMoreSubscribers?: true;
  readonly perSecond: number;
  readonly messageBytes: number;
}

/** Returns the state and the rate of a topic. */
export function topicStats(
  { topic, head }: ListedHead,
  { changes, seconds }: Sample,
  counted: SubscriberCount | undefined,
): TopicStats {
  const subscribers = counted === undefined ? {} : { subscribers: counted.subscribers };
  const hasMore = counted?.hasMore === true ? { hasMoreSubscribers: true as const } : {};
  const perSecond = (changes.get(topic) ?? 0) / seconds;
  const known = { topic, ...subscribers, ...hasMore, perSecond };
  if (head === undefined) return { ...known, kind: 'malformed', messageBytes: 0 };
  const { kind, seq, publishedAt } = head;
  const value = head.kind === 'counter' ? { value: head.value } : {};
  const messageBytes = head.kind === 'message' ? Buffer.byteLength(head.message) : 0;
  return { ...known, kind, seq, ...value, publishedAt: new Date(publishedAt).toISOString(), messageBytes };
}

/** The head of the table of topics. */
export const TOPIC_COLUMNS = ['topic', 'kind', 'seq', 'value', 'subscribers', 'changes/s', 'last change'] as const;

/** Returns the row of a topic. */
export function topicRow(stats: TopicStats): string[] {
  const { topic, kind, seq, value, subscribers, hasMoreSubscribers, perSecond, publishedAt } = stats;
  const age = publishedAt === undefined ? '-' : `${duration(Date.now() - Date.parse(publishedAt))} ago`;
  const [seqText, valueText, count] = [seq, value, subscribers].map((each) =>
    each === undefined ? '-' : figure(each),
  );
  const more = hasMoreSubscribers === true ? '+' : '';
  return [topic, kind, seqText ?? '-', valueText ?? '-', `${count ?? '-'}${more}`, perSecond.toFixed(1), age];
}

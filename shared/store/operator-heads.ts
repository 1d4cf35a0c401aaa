import { BadRecordError } from '../errors.ts';
import { decodeItem, type Item } from './attributes.ts';
import { decodeHead, hasNews, type Head } from './head.ts';
import { lenient, text } from './item-schema.ts';
import { type ScanDeps, scan } from './operator-scan.ts';
import { TOPICS } from './schema.ts';
import { decodeShards } from './topic-shards.ts';

/** An item of the Topics table. */
export interface ListedHead {
  readonly topic: string;
  /** Undefined for a malformed item. */
  readonly head: Head | undefined;
  /** The number of shards of the topic's subscribers. */
  readonly shards: number;
}

/** Lists all topics that were published to, the last published first. */
export async function listHeads(deps: ScanDeps): Promise<ListedHead[]> {
  const heads: ListedHead[] = [];
  for await (const item of scan(deps)) {
    if (hasNews(item)) heads.push(decodeListed(item));
  }
  return heads.toSorted((a, b) => (b.head?.publishedAt ?? 0) - (a.head?.publishedAt ?? 0));
}

/** Returns the topic that an item names; empty when it names none. */
export const topicOf = (item: Item): string =>
  decodeItem({ [TOPICS.partitionKey]: lenient(text) }, item)[TOPICS.partitionKey] ?? '';

function decodeListed(item: Item): ListedHead {
  const topic = topicOf(item);
  try {
    return { topic, head: decodeHead(item), shards: decodeShards(item) };
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error;
    return { topic, head: undefined, shards: 1 };
  }
}

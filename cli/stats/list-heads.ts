import { BadRecordError } from '../../shared/errors.ts';
import type { Item } from '../../shared/store/attributes.ts';
import { decodeHead, type Head } from '../../shared/store/head.ts';
import { decodeShards } from '../../shared/store/topic-shards.ts';
import type { Backend } from '../backend.ts';
import { scan } from '../scan.ts';

/** An item of the Topics table. */
export interface ListedHead {
  readonly topic: string;
  /** Undefined for one that is no whole head. */
  readonly head: Head | undefined;
  /** In how many shards its subscribers are. */
  readonly shards: number;
}

/** All topics, the last published to first. */
export async function listHeads({ stack, dynamodb }: Backend): Promise<ListedHead[]> {
  const heads: ListedHead[] = [];
  for await (const item of scan(dynamodb, { TableName: stack.resources.topicsTable })) {
    // Without a seq it is a topic that was given shards before anyone published to it.
    if (item['seq'] !== undefined) heads.push(read(item));
  }
  return heads.toSorted((a, b) => (b.head?.publishedAt ?? 0) - (a.head?.publishedAt ?? 0));
}

function read(item: Item): ListedHead {
  const topic = item['topic']?.S ?? '';
  try {
    return { topic, head: decodeHead(item), shards: decodeShards(item) };
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error;
    return { topic, head: undefined, shards: 1 };
  }
}

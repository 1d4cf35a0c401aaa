import type { _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import { BadRecordError } from '../../shared/errors.ts';
import type { Item } from '../../shared/store/attributes.ts';
import { decodeHead, type Head, splitPublish } from '../../shared/store/head.ts';
import { topicOf } from '../../shared/store/operator-heads.ts';
import { isGrowth } from '../../shared/store/topic-shards.ts';

/** A whole change, and the image that it was read from: that is what is sent again, with all that it has. */
export interface ReadChange {
  readonly head: Head;
  readonly image: Item;
}

/** What an image of the Topics table is: a whole change, one that claims to be and is not, or something else. */
export type ReadImage =
  | (ReadChange & { readonly kind: 'change' })
  | { readonly kind: 'poison'; readonly topic: string; readonly reason: string }
  | { readonly kind: 'other'; readonly topic: string };

/** A record of the stream of Topics. */
export type TopicRecord = ReadImage & {
  readonly streamSequenceNumber: string;
  /** Whole seconds, as the stream tells it. */
  readonly createdAtMs: number;
};

/** Decodes what GetRecords gives: messages that were published at once share a record. */
export function decodeStreamRecord({ dynamodb }: SdkRecord): readonly TopicRecord[] {
  const streamSequenceNumber = dynamodb?.SequenceNumber ?? '';
  const createdAtMs = dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0;
  return readImages(dynamodb?.NewImage, dynamodb?.Keys).map((read) => {
    // A topic that only got more shards shows its newest change again.
    const isNoNews = read.kind === 'change' && isGrowth(read.image);
    const known: ReadImage = isNoNews ? { kind: 'other', topic: read.head.topic } : read;
    return { ...known, streamSequenceNumber, createdAtMs };
  });
}

/** Reads an image by the same rules as the broadcast does: each of the messages in it as a change of its own. */
export function readImages(image: Item | undefined, keys: Item = {}): readonly ReadImage[] {
  const topic = topicOf(image ?? keys);
  if (image?.['topic'] === undefined || image['seq'] === undefined) return [{ kind: 'other', topic }];
  try {
    // As a whole first: it is poison as a whole.
    decodeHead(image);
    return splitPublish(image).map((single) => ({ kind: 'change', head: decodeHead(single), image: single }));
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error;
    return [{ kind: 'poison', topic, reason: error.message }];
  }
}

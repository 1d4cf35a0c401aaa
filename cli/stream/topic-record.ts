import type { _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import { BadRecordError } from '../../shared/errors.ts';
import type { Item } from '../../shared/store/attributes.ts';
import { decodeHead, hasNews, type Head, splitPublish } from '../../shared/store/head.ts';
import { topicOf } from '../../shared/store/operator-heads.ts';
import { isGrowth } from '../../shared/store/topic-shards.ts';

/** A change, and the image from which it was decoded. A replay sends the image, with all its attributes. */
export interface ReadChange {
  readonly head: Head;
  readonly image: Item;
}

/** An image of the Topics table: a change, poison (a malformed change), or anything else. */
export type ReadImage =
  | (ReadChange & { readonly kind: 'change' })
  | { readonly kind: 'poison'; readonly topic: string; readonly reason: string }
  | { readonly kind: 'other'; readonly topic: string };

/** A record of the stream of Topics. */
export type TopicRecord = ReadImage & {
  readonly streamSequenceNumber: string;
  /** Epoch milliseconds, in the stream's precision of whole seconds. */
  readonly createdAtMs: number;
};

/** Decodes a record of GetRecords. The messages of one publish share a record. */
export function decodeTopicRecords({ dynamodb }: SdkRecord): readonly TopicRecord[] {
  const streamSequenceNumber = dynamodb?.SequenceNumber ?? '';
  const createdAtMs = dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0;
  return readImages(dynamodb?.NewImage, dynamodb?.Keys).map((read) => {
    // The image of a topic that only got more shards holds its newest change again.
    const isRepeated = read.kind === 'change' && isGrowth(read.image);
    const known: ReadImage = isRepeated ? { kind: 'other', topic: read.head.topic } : read;
    return { ...known, streamSequenceNumber, createdAtMs };
  });
}

/** Reads an image by the rules of the broadcast: each message of one publish is a separate change. */
export function readImages(image: Item | undefined, keys: Item = {}): readonly ReadImage[] {
  const topic = topicOf(image ?? keys);
  if (image?.['topic'] === undefined || !hasNews(image)) return [{ kind: 'other', topic }];
  try {
    // The image is decoded as a whole first: one malformed message makes all of it poison.
    decodeHead(image);
    return splitPublish(image).map((single) => ({ kind: 'change', head: decodeHead(single), image: single }));
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error;
    return [{ kind: 'poison', topic, reason: error.message }];
  }
}

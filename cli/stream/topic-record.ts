import type { _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import { BadRecordError } from '../../shared/errors.ts';
import type { Item } from '../../shared/store/attributes.ts';
import { decodeHead, type Head } from '../../shared/store/head.ts';
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

/** Decodes what GetRecords gives. */
export function decodeStreamRecord({ dynamodb }: SdkRecord): TopicRecord {
  const streamSequenceNumber = dynamodb?.SequenceNumber ?? '';
  const createdAtMs = dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0;
  const read = readImage(dynamodb?.NewImage, dynamodb?.Keys);
  // A topic that only got more shards shows its newest change again.
  const isNoNews = read.kind === 'change' && isGrowth(read.image);
  return {
    ...(isNoNews ? { kind: 'other', topic: read.head.topic } : read),
    streamSequenceNumber,
    createdAtMs,
  };
}

/** Reads an image by the same rules as the broadcast does. */
export function readImage(image: Item | undefined, keys: Item = {}): ReadImage {
  const topic = (image ?? keys)['topic']?.S ?? '';
  if (image?.['topic'] === undefined || image['seq'] === undefined) return { kind: 'other', topic };
  try {
    return { kind: 'change', head: decodeHead(image), image };
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error;
    return { kind: 'poison', topic, reason: error.message };
  }
}

import { createHash } from 'node:crypto';
import type { _Record as EngineRecord, StreamViewType } from '@aws-sdk/client-dynamodb-streams';
import { areEqualImages, readablePart, toEventImage } from './event-image.ts';
import { type EventImage, imageSizeBytes } from './item-size.ts';

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
/** The event version: always 1.1 on AWS. */
const EVENT_VERSION = '1.1';
/** The `userIdentity` in AWS's record of a deletion by TTL. */
const TTL_IDENTITY = { principalId: 'dynamodb.amazonaws.com', type: 'Service' } as const;
/** The region in the records of DynamoDB Local, which cuts their creation times to the minute. */
const MINUTES_REGION = 'ddblocal';
/**
 * The number that is added to an engine's sequence numbers. Engines count from 1; DynamoDB's sequence numbers have 21
 * digits and more, so `Number(sequenceNumber)` loses digits on AWS, and must lose them here.
 */
const EVENT_NUMBER_BASE = 10n ** 20n;
const EVENT_NAMES = ['INSERT', 'MODIFY', 'REMOVE'] as const;

/** The view types whose records have the item after the change. */
const HAS_NEW_IMAGE: ReadonlySet<string> = new Set<StreamViewType>(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES']);
/** The view types whose records have the item before the change. */
const HAS_OLD_IMAGE: ReadonlySet<string> = new Set<StreamViewType>(['OLD_IMAGE', 'NEW_AND_OLD_IMAGES']);

type EventName = (typeof EVENT_NAMES)[number];

/** An element of `Records` in the Lambda event. Its fields are in AWS's order, and inapplicable ones are absent. */
export interface LambdaRecord {
  readonly eventID: string;
  readonly eventName: EventName;
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: EventImage;
    readonly NewImage?: EventImage;
    readonly OldImage?: EventImage;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  readonly userIdentity?: { readonly principalId: string; readonly type: string };
  readonly eventSourceARN: string;
}

/** A decoded stream record with the data that the poller needs. */
export interface StreamRecord {
  readonly event: LambdaRecord;
  /** The sequence number in the engine. The event has another: see `eventSequenceNumber`. */
  readonly streamSequenceNumber: string;
  /** The partition and sort key as text. Records with equal keys keep their order. */
  readonly itemKey: string;
  /** The creation time in ms, never earlier than the write: see `latestCreationMs`. */
  readonly createdAtMs: number;
  /** The size in bytes of the event's JSON. */
  readonly payloadBytes: number;
}

/** The source of a record, as far as its event needs it. */
export interface RecordSource {
  /** The stream's ARN in the event. */
  readonly streamArn: string;
  readonly region: string;
  readonly shardId: string;
  /** The view type of the table's stream, to which the engine's images are cut. Default: the engine's. */
  readonly streamViewType?: StreamViewType | undefined;
  readonly readAtMs: number;
  /** See `MappingDeps.wasExpired`. */
  readonly wasExpired: (keys: unknown) => boolean;
}

/**
 * Decodes a GetRecords record. Returns undefined for a write that changed nothing, for which DynamoDB creates no
 * record: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html. The engine's stream has both
 * images, so that this can be seen whatever the table's stream has.
 */
export function decodeEngineRecord(record: EngineRecord, source: RecordSource): StreamRecord | undefined {
  const images = imagesOf(record);
  const { newImage, oldImage } = images;
  const isModification = record.eventName === 'MODIFY' && newImage !== undefined && oldImage !== undefined;
  return isModification && areEqualImages(oldImage, newImage) ? undefined : toStreamRecord(record, images, source);
}

/**
 * Decodes a record that `decodeEngineRecord` refused, for the failure destination: without the attributes that cannot
 * be read.
 */
export function salvageRecord(record: EngineRecord, source: RecordSource): StreamRecord {
  const { Keys, NewImage, OldImage, ...change } = record.dynamodb ?? {};
  const images = { Keys: readablePart(Keys), NewImage: readablePart(NewImage), OldImage: readablePart(OldImage) };
  const readAt = new Date(source.readAtMs);
  const readable = { ...record, dynamodb: { ...change, ...images, ApproximateCreationDateTime: readAt } };
  return toStreamRecord(readable, imagesOf(readable), source);
}

/** Returns the sequence number of a GetRecords record. Throws if it has none. */
export function sequenceNumberOf(record: EngineRecord): string {
  const sequenceNumber = record.dynamodb?.SequenceNumber;
  if (sequenceNumber === undefined) throw new Error('The engine sent a stream record without a sequence number');
  return sequenceNumber;
}

interface Images {
  readonly keys: EventImage;
  readonly newImage: EventImage | undefined;
  readonly oldImage: EventImage | undefined;
}

function imagesOf({ dynamodb }: EngineRecord): Images {
  return {
    keys: toEventImage(dynamodb?.Keys) ?? {},
    newImage: toEventImage(dynamodb?.NewImage),
    oldImage: toEventImage(dynamodb?.OldImage),
  };
}

/**
 * Returns the sequence number that an event shows for the engine's: 21 digits or more, in the order of the engine's,
 * and equal in every run.
 */
export function eventSequenceNumber(engineNumber: string): string {
  return String(EVENT_NUMBER_BASE + BigInt(engineNumber));
}

function toStreamRecord(record: EngineRecord, images: Images, source: RecordSource): StreamRecord {
  const event = toLambdaRecord(record, images, source);
  return {
    event,
    streamSequenceNumber: sequenceNumberOf(record),
    itemKey: itemKeyOf(event.dynamodb.Keys),
    createdAtMs: latestCreationMs(event.dynamodb.ApproximateCreationDateTime * MS_PER_SECOND, source.readAtMs),
    payloadBytes: Buffer.byteLength(JSON.stringify(event)),
  };
}

function toLambdaRecord(record: EngineRecord, images: Images, source: RecordSource): LambdaRecord {
  const eventName = eventNameOf(record);
  const userIdentity = userIdentityOf(record, { eventName, source });
  return {
    eventID: eventIdOf(source, sequenceNumberOf(record)),
    eventName,
    eventVersion: EVENT_VERSION,
    eventSource: 'aws:dynamodb',
    awsRegion: source.region,
    dynamodb: changeOf(record, images, source),
    ...(userIdentity && { userIdentity }),
    eventSourceARN: source.streamArn,
  };
}

function changeOf(record: EngineRecord, { keys, ...images }: Images, source: RecordSource): LambdaRecord['dynamodb'] {
  const change = record.dynamodb;
  const viewType = source.streamViewType ?? change?.StreamViewType ?? 'KEYS_ONLY';
  const newImage = HAS_NEW_IMAGE.has(viewType) ? images.newImage : undefined;
  const oldImage = HAS_OLD_IMAGE.has(viewType) ? images.oldImage : undefined;
  return {
    ApproximateCreationDateTime: Math.floor(creationMs(record, source) / MS_PER_SECOND),
    Keys: keys,
    ...(newImage && { NewImage: newImage }),
    ...(oldImage && { OldImage: oldImage }),
    SequenceNumber: eventSequenceNumber(sequenceNumberOf(record)),
    SizeBytes: imageSizeBytes(keys) + imageSizeBytes(newImage) + imageSizeBytes(oldImage),
    StreamViewType: viewType,
  };
}

/** Returns a record's creation time in ms: the engine's, or if that is cut to the minute, the latest possible one. */
function creationMs(record: EngineRecord, { readAtMs }: RecordSource): number {
  const createdAtMs = record.dynamodb?.ApproximateCreationDateTime?.getTime() ?? readAtMs;
  if (Number.isNaN(createdAtMs)) throw new Error('its creation time is not a time');
  return record.awsRegion === MINUTES_REGION ? latestCreationMs(createdAtMs, readAtMs) : createdAtMs;
}

/**
 * Returns an event id of 32 hexadecimal digits, as on AWS, derived from the record's position, so that a record read
 * twice has one id.
 */
function eventIdOf(source: RecordSource, sequenceNumber: string): string {
  return createHash('md5').update(`${source.streamArn} ${source.shardId} ${sequenceNumber}`).digest('hex');
}

/** Returns the event name. An engine's own TTL deletions can have a name that AWS does not know; they are removals. */
function eventNameOf(record: EngineRecord): EventName {
  return EVENT_NAMES.find((name) => name === record.eventName) ?? 'REMOVE';
}

function userIdentityOf(
  record: EngineRecord,
  { eventName, source }: { readonly eventName: EventName; readonly source: RecordSource },
): LambdaRecord['userIdentity'] | undefined {
  const { PrincipalId: principalId, Type: type } = record.userIdentity ?? {};
  if (principalId !== undefined && type !== undefined) return { principalId, type };
  if (eventName !== 'REMOVE') return undefined;
  const byEngine = record.eventName !== 'REMOVE';
  return byEngine || source.wasExpired(record.dynamodb?.Keys) ? TTL_IDENTITY : undefined;
}

function itemKeyOf(keys: EventImage): string {
  return JSON.stringify(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Returns the latest possible creation time. Engines cut the creation time to the second, one of them to the minute.
 * Unadjusted, a record would look up to a minute too old, and a MaximumRecordAgeInSeconds of 60 would give it up at
 * once.
 */
function latestCreationMs(cutMs: number, readAtMs: number): number {
  const precisionMs = cutMs % MS_PER_MINUTE === 0 ? MS_PER_MINUTE : MS_PER_SECOND;
  return Math.max(cutMs, Math.min(readAtMs, cutMs + precisionMs - 1));
}

import type { _Record as EngineRecord } from '@aws-sdk/client-dynamodb-streams';
import { decodeEngineRecord, type RecordSource } from '../../../../local/streams/stream-record.ts';

const CREATED_MS = Date.UTC(2026, 10, 20, 12, 0, 7);
const source: RecordSource = {
  streamArn: 'arn:stream',
  region: 'eu-west-1',
  shardId: 'shard-1',
  readAtMs: CREATED_MS + 300,
  wasExpired: () => false,
};
const makeRecord = (change: EngineRecord['dynamodb'], rest: Partial<EngineRecord> = {}): EngineRecord => ({
  eventID: '7',
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'dynoxide',
  ...rest,
  dynamodb: {
    ApproximateCreationDateTime: new Date(CREATED_MS),
    Keys: { Id: { N: '101' } },
    SequenceNumber: '7',
    SizeBytes: 999,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    ...change,
  },
});

describe('A change record', () => {
  it('becomes the event that Lambda gets, field by field and in its order', () => {
    const record = makeRecord({ NewImage: { Message: { S: 'New item!' }, Id: { N: '101' } } });

    const event = decodeEngineRecord(record, source)?.event;

    expect(JSON.stringify(event)).toBe(
      JSON.stringify({
        eventID: event?.eventID,
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'eu-west-1',
        dynamodb: {
          ApproximateCreationDateTime: CREATED_MS / 1_000,
          Keys: { Id: { N: '101' } },
          NewImage: { Message: { S: 'New item!' }, Id: { N: '101' } },
          SequenceNumber: '7',
          SizeBytes: 26,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: 'arn:stream',
      }),
    );
    expect(event?.eventID).toMatch(/^[0-9a-f]{32}$/);
  });

  it('has the same eventID each time it is read, and another one than its neighbours', () => {
    const first = decodeEngineRecord(makeRecord({}), source)?.event.eventID;
    const again = decodeEngineRecord(makeRecord({}), source)?.event.eventID;
    const next = decodeEngineRecord(makeRecord({ SequenceNumber: '8' }), source)?.event.eventID;

    expect(again).toBe(first);
    expect(next).not.toBe(first);
  });

  it('carries binary values as base64 at every depth', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const record = makeRecord({
      NewImage: { b: { B: bytes }, set: { BS: [bytes] }, list: { L: [{ M: { b: { B: bytes } } }] } },
    });

    const image = decodeEngineRecord(record, source)?.event.dynamodb.NewImage;

    expect(image).toEqual({ b: { B: 'AQID' }, set: { BS: ['AQID'] }, list: { L: [{ M: { b: { B: 'AQID' } } }] } });
  });

  it("has the sizes of AWS's own sample events", () => {
    const oldImage = { Message: { S: 'New item!' }, Id: { N: '101' } };
    const newImage = { Message: { S: 'This item has changed' }, Id: { N: '101' } };

    const modified = decodeEngineRecord(makeRecord({ OldImage: oldImage, NewImage: newImage }), source);
    const removed = decodeEngineRecord(makeRecord({ OldImage: newImage }, { eventName: 'REMOVE' }), source);

    expect(modified?.event.dynamodb.SizeBytes).toBe(59);
    expect(removed?.event.dynamodb.SizeBytes).toBe(38);
  });

  it('is none when the write changed nothing', () => {
    const image = { Id: { N: '101' }, b: { B: new Uint8Array([1]) } };
    const same = makeRecord({ OldImage: image, NewImage: { ...image } }, { eventName: 'MODIFY' });

    expect(decodeEngineRecord(same, source)).toBeUndefined();
  });

  it('says who deleted an expired item, and nobody for a deletion by a user', () => {
    const removal = makeRecord({ OldImage: { Id: { N: '101' } } }, { eventName: 'REMOVE' });

    const expired = decodeEngineRecord(removal, { ...source, wasExpired: () => true });
    const deleted = decodeEngineRecord(removal, source);

    expect(expired?.event.userIdentity).toEqual({ principalId: 'dynamodb.amazonaws.com', type: 'Service' });
    expect(deleted?.event).not.toHaveProperty('userIdentity');
  });

  it('keeps the identity that the engine gives, in the case of the event', () => {
    const userIdentity = { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' };
    const unnamed = makeRecord({}, { userIdentity });
    Reflect.set(unnamed, 'eventName', 'none of ours');

    const event = decodeEngineRecord(unnamed, source)?.event;

    expect(event?.eventName).toBe('REMOVE');
    expect(event?.userIdentity).toEqual({ principalId: 'dynamodb.amazonaws.com', type: 'Service' });
  });

  it('counts its age from the latest moment that a creation time cut to the minute allows', () => {
    const minute = Date.UTC(2026, 10, 20, 12, 0, 0);
    const record = makeRecord({ ApproximateCreationDateTime: new Date(minute) });

    const atOnce = decodeEngineRecord(record, { ...source, readAtMs: minute + 59_000 });
    const later = decodeEngineRecord(record, { ...source, readAtMs: minute + 3_600_000 });

    expect(atOnce?.createdAtMs).toBe(minute + 59_000);
    expect(later?.createdAtMs).toBe(minute + 59_999);
  });
});

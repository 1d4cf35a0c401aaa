import type { _Record as EngineRecord } from '@aws-sdk/client-dynamodb-streams';
import { decodeEngineRecord, type RecordSource } from '../../../../local/streams/stream-record.ts';

const [BYTE, OTHER] = [new Uint8Array([1]), new Uint8Array([2])];
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
          SequenceNumber: '100000000000000000007',
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

  it('has a sequence number of AWS’s length, in the order of the engine’s, in which no digit may be lost', () => {
    const numbers = ['9', '10', '000000000000000000011', '9007199254740993'].map((SequenceNumber) => {
      const record = decodeEngineRecord(makeRecord({ SequenceNumber }), source);
      expect(record?.streamSequenceNumber).toBe(SequenceNumber);
      return record?.event.dynamodb.SequenceNumber ?? '';
    });

    expect(numbers.every((number) => /^\d{21,}$/.test(number))).toBe(true);
    expect(numbers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))).toEqual(numbers);
    expect(numbers.filter((number) => String(Number(number)) === number)).toEqual([]);
  });

  it('carries binary values as base64 at every depth', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const record = makeRecord({
      NewImage: { b: { B: bytes }, set: { BS: [bytes] }, list: { L: [{ M: { b: { B: bytes } } }] } },
    });

    const image = decodeEngineRecord(record, source)?.event.dynamodb.NewImage;

    expect(image).toEqual({ b: { B: 'AQID' }, set: { BS: ['AQID'] }, list: { L: [{ M: { b: { B: 'AQID' } } }] } });
  });

  it('has an empty map as a map, also where the engine leaves out its type', () => {
    const images = { NewImage: JSON.parse('{"empty":{},"list":{"L":[{}]},"map":{"M":{"empty":{}}}}') };
    const record = makeRecord(images);

    const image = decodeEngineRecord(record, source)?.event.dynamodb.NewImage;

    expect(image).toEqual({ empty: { M: {} }, list: { L: [{ M: {} }] }, map: { M: { empty: { M: {} } } } });
  });

  it.each([
    ['ddblocal', 20_000, 20],
    ['ddblocal', 3_600_000, 59],
    ['dynoxide', 20_000, 0],
  ])(
    'has, from the region %s and read %p ms after a whole minute, a creation time of second %p',
    (awsRegion, after, second) => {
      const minute = Date.UTC(2026, 10, 20, 12, 0, 0);
      const change = { ApproximateCreationDateTime: new Date(minute) };

      const record = decodeEngineRecord(makeRecord(change, { awsRegion }), { ...source, readAtMs: minute + after });

      expect(record?.event.dynamodb.ApproximateCreationDateTime).toBe(minute / 1_000 + second);
    },
  );

  it("has the sizes of AWS's own sample events", () => {
    const oldImage = { Message: { S: 'New item!' }, Id: { N: '101' } };
    const newImage = { Message: { S: 'This item has changed' }, Id: { N: '101' } };

    const modified = decodeEngineRecord(makeRecord({ OldImage: oldImage, NewImage: newImage }), source);
    const removed = decodeEngineRecord(makeRecord({ OldImage: newImage }, { eventName: 'REMOVE' }), source);

    expect(modified?.event.dynamodb.SizeBytes).toBe(59);
    expect(removed?.event.dynamodb.SizeBytes).toBe(38);
  });

  const set = (...elements: string[]) => ({ M: { inner: { L: [{ SS: elements }] } } });

  it.each([
    ['is the same', { b: { B: new Uint8Array([1]) } }, { b: { B: new Uint8Array([1]) } }],
    ['has its attributes in another order', { a: { S: '1' }, b: { S: '2' } }, { b: { S: '2' }, a: { S: '1' } }],
    ['has a set in another order', { s: { NS: ['1', '2'] } }, { s: { NS: ['2.0', '1'] } }],
    ['has a set of binaries in another order', { s: { BS: [BYTE, OTHER] } }, { s: { BS: [OTHER, BYTE] } }],
    ['has a set in another order deep inside', { m: set('x', 'y') }, { m: set('y', 'x') }],
    ['has a number in another form', { n: { N: '-0120.50' } }, { n: { N: '-1.205E+2' } }],
  ])('is none when the item after the write %s', (_what, OldImage, NewImage) => {
    const same = makeRecord({ OldImage, NewImage }, { eventName: 'MODIFY' });

    expect(decodeEngineRecord(same, source)).toBeUndefined();
  });

  it.each([
    ['a list in another order', { l: { L: [{ S: '1' }, { S: '2' }] } }, { l: { L: [{ S: '2' }, { S: '1' }] } }],
    ['one attribute more', { a: { S: '1' } }, { a: { S: '1' }, b: { S: '2' } }],
    ['another type', { a: { S: '1' } }, { a: { N: '1' } }],
    ['another name', { a: { S: '1' } }, { b: { S: '1' } }],
    ['another sign', { a: { N: '1' } }, { a: { N: '-1' } }],
    ['a number that is ten times as large', { a: { N: '1' } }, { a: { N: '10' } }],
    ['a larger set', { a: { SS: ['1'] } }, { a: { SS: ['1', '2'] } }],
    ['a digit of 38 more', { a: { N: `${'1'.repeat(37)}2` } }, { a: { N: `${'1'.repeat(37)}3` } }],
  ])('is one when the item has %s', (_what, OldImage, NewImage) => {
    const changed = makeRecord({ OldImage, NewImage }, { eventName: 'MODIFY' });

    expect(decodeEngineRecord(changed, source)).toBeDefined();
  });

  it.each([
    ['KEYS_ONLY', [], 5],
    ['NEW_IMAGE', ['NewImage'], 10],
    ['OLD_IMAGE', ['OldImage'], 9],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage'], 14],
  ] as const)('is cut to the view type %s of the table’s stream', (streamViewType, images, sizeBytes) => {
    const change = { OldImage: { old: { S: 'o' } }, NewImage: { newer: { S: '' } } };

    const record = decodeEngineRecord(makeRecord(change, { eventName: 'MODIFY' }), { ...source, streamViewType });

    const found = Object.keys(record?.event.dynamodb ?? {}).filter((name) => name.endsWith('Image'));
    expect(found).toEqual(images);
    expect(record?.event.dynamodb).toMatchObject({ StreamViewType: streamViewType, SizeBytes: sizeBytes });
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

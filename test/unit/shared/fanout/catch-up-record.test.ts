import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { decodeCatchUp } from '../../../../shared/fanout/stream-records.ts';
import { pingItem, subscriptionItem } from '../../../../shared/store/subscription-record.ts';

const connection = { connectionId: 'C1=', connectedAt: 1_763_640_000_000 };
type Image = Record<string, AttributeValue>;

const recordOf = (NewImage: object, OldImage?: object, eventName: DynamoDBRecord['eventName'] = 'MODIFY') => ({
  eventName,
  dynamodb: {
    SequenceNumber: '1',
    NewImage: NewImage as Image,
    ...(OldImage === undefined ? {} : { OldImage: OldImage as Image }),
  },
});

describe('decodeCatchUp', () => {
  it.each([
    [{ topic: 'news' }],
    [{ topic: 'news', position: { epoch: 'e1', seq: 7 } }],
    [{ topic: 'news', position: { epoch: null, seq: 0 } }],
    [{ topic: 'news', history: 5 }],
    [{ topic: 'news', history: 5, batch: true as const }],
  ])('reads what subscribe wrote: %j', (subscription) => {
    const request = decodeCatchUp(recordOf(subscriptionItem(connection, subscription, 'r1')));

    expect(request).toMatchObject({
      kind: 'subscription',
      ...connection,
      topic: 'news',
      ...('position' in subscription ? { position: subscription.position } : {}),
      ...('history' in subscription ? { history: subscription.history } : {}),
    });
    expect([request && 'position' in request && request.position !== undefined]).toEqual(['position' in subscription]);
  });

  it('reads what ping wrote, whatever the topics are called', () => {
    const positions = { news: { epoch: 'e1', seq: 7 }, constructor: { epoch: null, seq: 0 } };

    const request = decodeCatchUp(recordOf(pingItem(connection, positions, 'r1')));

    expect(request).toEqual({ kind: 'ping', ...connection, positions });
  });

  it('reads a repeat, which differs only in its request', () => {
    const before = subscriptionItem(connection, { topic: 'news' }, 'r1');
    const after = subscriptionItem(connection, { topic: 'news' }, 'r2');

    expect(decodeCatchUp(recordOf(after, before))).toMatchObject({ topic: 'news' });
  });

  it('skips a change that asks for nothing new', () => {
    const before = subscriptionItem(connection, { topic: 'news' }, 'r1');

    expect(decodeCatchUp(recordOf({ ...before, note: { S: 'x' } }, before))).toBeUndefined();
  });

  it("skips a connection's list, an unsubscribe, and what has no image", () => {
    const list = { connectionId: { S: 'C1=' }, topic: { S: '@connection' }, topics: { SS: ['news'] } };
    const item = subscriptionItem(connection, { topic: 'news' }, 'r1');

    expect(decodeCatchUp(recordOf(list))).toBeUndefined();
    expect(decodeCatchUp(recordOf(item, item, 'REMOVE'))).toBeUndefined();
    expect(
      decodeCatchUp({ eventName: 'REMOVE', dynamodb: { SequenceNumber: '1', OldImage: item as Image } }),
    ).toBeUndefined();
    expect(decodeCatchUp({})).toBeUndefined();
  });

  const item = subscriptionItem(connection, { topic: 'news', position: { epoch: 'e1', seq: 1 } }, 'r1');

  it.each<[string, object]>([
    ['connectedAt is missing', { ...item, connectedAt: undefined }],
    ['connectedAt is a string', { ...item, connectedAt: { S: 'now' } }],
    ['topic is missing', { ...item, topic: undefined }],
    ['connectionId is missing', { ...item, connectionId: undefined }],
    ['position is a string', { ...item, position: { S: 'e1' } }],
    ['position has no seq', { ...item, position: { M: { epoch: { S: 'e1' } } } }],
    ['epoch is a number', { ...item, position: { M: { epoch: { N: '1' }, seq: { N: '1' } } } }],
    ['history is a string', { ...item, history: { S: '5' } }],
  ])('refuses a record whose %s', (_, image) => {
    expect(() => decodeCatchUp(recordOf(image))).toThrow(expect.objectContaining({ name: 'BadRecordError' }));
  });
});

import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { decodeChanges, encodeChange } from '../../../../shared/fanout/stream-records.ts';
import { messageFrame, stateFrame } from '../../../../shared/protocol/server-frames.ts';
import { changeRecord, headImage, numberOf, PUBLISHED_AT, recordOf } from '../../../helpers/change-records.ts';

/** The one change of a record that has no more. */
const decodeChange = (record: DynamoDBRecord) => {
  const [change, ...more] = decodeChanges(record);
  expect(more).toEqual([]);
  return change;
};
const decode = (image: unknown) => decodeChange(recordOf('1', image as Parameters<typeof recordOf>[1]));

describe('decodeChanges', () => {
  it('decodes a message', () => {
    const change = decodeChange(changeRecord(3, { topic: 'news', seq: 7, message: '{"a":1}', exclude: 'C1=' }));

    expect(change).toEqual({
      shards: 1,
      head: {
        kind: 'message',
        topic: 'news',
        epoch: 'e1',
        seq: 7,
        publishedAt: PUBLISHED_AT,
        message: '{"a":1}',
        exclude: 'C1=',
      },
      streamSequenceNumber: numberOf(3),
    });
  });

  it('decodes a counter, also one whose value is 0', () => {
    const change = decodeChange(changeRecord(0, { topic: 'counter:a', seq: 2, value: 0 }));

    expect(change?.head).toEqual({
      kind: 'counter',
      topic: 'counter:a',
      epoch: 'e1',
      seq: 2,
      publishedAt: PUBLISHED_AT,
      value: 0,
    });
  });

  it('decodes each of the messages that were published at once, in order', () => {
    const record = changeRecord(3, {
      topic: 'news',
      seq: 7,
      messages: ['"a"', '"b"', '"c"'],
      exclude: 'C1=',
      shards: 2,
    });

    const changes = decodeChanges(record);

    const common = { kind: 'message', topic: 'news', epoch: 'e1', publishedAt: PUBLISHED_AT, exclude: 'C1=' };
    expect(changes).toEqual(
      ['"a"', '"b"', '"c"'].map((text, index) => ({
        shards: 2,
        head: { ...common, seq: 5 + index, message: text },
        streamSequenceNumber: numberOf(3),
      })),
    );
  });

  it('skips a deletion, whatever image it has', () => {
    const record = { ...changeRecord(0, { topic: 'news', seq: 1 }), eventName: 'REMOVE' as const };

    expect(decodeChange(record)).toBeUndefined();
  });

  it.each<[string, DynamoDBRecord]>([
    ['has no image', { eventName: 'INSERT', dynamodb: { SequenceNumber: '1' } }],
    ['says nothing of the table', { eventName: 'INSERT' }],
    ['is of an item without a topic', recordOf('1', { id: { S: 'x' }, seq: { N: '1' } })],
    ['is of an item without a seq', recordOf('1', { topic: { S: 'settings' }, theme: { S: 'dark' } })],
    ['is empty', {}],
  ])('skips a record that %s', (_, record) => {
    expect(decodeChange(record)).toBeUndefined();
  });

  const message = headImage({ topic: 'news', seq: 1 });
  const counter = headImage({ topic: 'counter:a', seq: 1, value: 1 });
  const without = (name: string) => Object.fromEntries(Object.entries(message).filter(([key]) => key !== name));

  it.each<[string, Record<string, object>]>([
    ['topic is a number', { ...message, topic: { N: '1' } }],
    ['topic is no topic name', { ...message, topic: { S: '/news' } }],
    ['topic is empty', { ...message, topic: { S: '' } }],
    ['topic is too long', { ...message, topic: { S: 'n'.repeat(129) } }],
    ['seq is a string', { ...message, seq: { S: '1' } }],
    ['seq is a fraction', { ...message, seq: { N: '1.5' } }],
    ['seq is past what JavaScript counts', { ...message, seq: { N: '9007199254740993' } }],
    ['epoch is missing', without('epoch')],
    ['epoch is a number', { ...message, epoch: { N: '1' } }],
    ['publishedAt is missing', without('publishedAt')],
    ['publishedAt is a string', { ...message, publishedAt: { S: 'now' } }],
    ['publishedAt is no date', { ...message, publishedAt: { N: '8640000000000001' } }],
    ['message is missing', without('message')],
    ['message is a map', { ...message, message: { M: {} } }],
    ['message is not JSON', { ...message, message: { S: 'hello' } }],
    ['message is half JSON', { ...message, message: { S: '1}' } }],
    ['message is empty', { ...message, message: { S: '' } }],
    ['messages are a text', { ...without('message'), messages: { S: '1' } }],
    ['messages are none', { ...without('message'), messages: { L: [] } }],
    ['messages are more than its seq', { ...without('message'), messages: { L: [{ S: '1' }, { S: '2' }] } }],
    ['messages are not all text', { ...message, seq: { N: '2' }, messages: { L: [{ S: '1' }, { N: '2' }] } }],
    ['messages are not all JSON', { ...message, seq: { N: '2' }, messages: { L: [{ S: '1' }, { S: 'two' }] } }],
    ['exclude is a number', { ...message, exclude: { N: '1' } }],
    ['value is a string', { ...counter, value: { S: '1' } }],
    ['value is a fraction', { ...counter, value: { N: '0.5' } }],
    ['value is past what JavaScript counts', { ...counter, value: { N: '1e20' } }],
  ])('refuses a record whose %s', (_, image) => {
    expect(() => decode(image)).toThrow(expect.objectContaining({ name: 'BadRecordError' }));
  });

  it('refuses a record without its number in the stream', () => {
    const record = { eventName: 'INSERT' as const, dynamodb: { NewImage: message } };

    expect(() => decodeChange(record)).toThrow(expect.objectContaining({ name: 'BadRecordError' }));
  });
});

describe('encodeChange', () => {
  const encode = (fields: Parameters<typeof headImage>[0]): string => {
    const change = decodeChange(changeRecord(0, fields));
    if (change === undefined) throw new Error('no change');
    return encodeChange(change);
  };

  it('tells of a message with its position and time', () => {
    const frame = JSON.parse(encode({ topic: 'news', seq: 7, message: '{"a":[1,null]}' }));

    expect(frame).toEqual({
      type: 'message',
      topic: 'news',
      epoch: 'e1',
      seq: 7,
      publishedAt: '2026-11-20T12:00:00.007Z',
      data: { a: [1, null] },
    });
    expect(messageFrame.safeParse(frame).success).toBe(true);
  });

  it('tells of a counter by its name', () => {
    const frame = JSON.parse(encode({ topic: 'counter:votes/a', seq: 7, value: -3 }));

    expect(frame).toEqual({ type: 'state', counter: 'votes/a', value: -3, epoch: 'e1', seq: 7 });
    expect(stateFrame.safeParse(frame).success).toBe(true);
  });

  it('never names the sender', () => {
    expect(encode({ topic: 'news', seq: 7, exclude: 'C1=' })).not.toContain('C1=');
  });

  it.each([
    '{"__proto__":{"admin":true}}',
    '"\\ud800"',
    '"\u2028\u2029 \\u0000 é 🌊"',
    '{"data":{"type":"ack"}}',
    ' [ 1 ] ',
  ])('carries %s as it was published', (message) => {
    const frame: unknown = JSON.parse(encode({ topic: 'news', seq: 1, message }));

    expect(JSON.stringify((frame as { data: unknown }).data)).toBe(JSON.stringify(JSON.parse(message)));
    expect(Object.keys(frame as object)).toEqual(['type', 'topic', 'epoch', 'seq', 'publishedAt', 'data']);
  });

  it('carries any JSON as it was published', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (message) => {
        const frame = JSON.parse(encode({ topic: 'news', seq: 1, message })) as { data: unknown };

        expect(JSON.stringify(frame.data)).toBe(JSON.stringify(JSON.parse(message)));
      }),
    );
  });
});

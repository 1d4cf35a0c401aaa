import type { DynamoDBRecord } from 'aws-lambda';
import { BadRecordError, ClientError } from '../../../../shared/errors.ts';
import {
  publishRecords,
  type PublishRecordsDeps,
  type PublishRecordsEvent,
} from '../../../../shared/from-table/publish-records.ts';
import { createNewest } from '../../../../shared/newest.ts';
import { recordKey } from '../../../../shared/store/own-key.ts';
import { orderRecord, orderSource } from '../../../helpers/table-records.ts';

type Publish = PublishRecordsDeps['publish'];

const POSITION = { epoch: 'e1', seq: 1 };

function createFixture(publish: Publish = async () => POSITION, overrides: Partial<PublishRecordsDeps> = {}) {
  const [calls, kept, events]: [string[], string[], PublishRecordsEvent[]] = [[], [], []];
  const deps: PublishRecordsDeps = {
    source: orderSource(),
    publish: async (publication, key) => {
      calls.push(`${publication.topic} ${JSON.parse(publication.messages[0] ?? '').keys.id}`);
      return publish(publication, key);
    },
    keyOf: ({ streamArn, eventId }) => recordKey('orders', streamArn, eventId),
    published: createNewest(100),
    keep: async (_record, fault) => void kept.push(fault),
    remainingMs: () => 60_000,
    report: (event) => events.push(event),
    ...overrides,
  };
  return { deps, calls, kept, events, run: (records: readonly DynamoDBRecord[]) => publishRecords(deps, records) };
}

const order = (place: number, id: string, customer: string | undefined = id) =>
  orderRecord({ id, place, item: customer === '' ? {} : { customer: { S: customer }, status: { S: String(place) } } });

const failing =
  (error: unknown, isFailing: (message: string) => boolean): Publish =>
  async ({ messages }) => {
    if (isFailing(messages[0] ?? '')) throw error;
    return POSITION;
  };

const of = (id: string) => (message: string) => message.includes(`"id":"${id}"`);

describe('a batch of a table’s records', () => {
  it('is published record by record, each with the key of its record', async () => {
    const keys: unknown[] = [];
    const { run, calls, events } = createFixture(async (_publication, key) => {
      keys.push(key);
      return POSITION;
    });

    expect(await run([order(1, 'a'), order(2, 'b')])).toBeUndefined();

    expect(calls).toEqual(['order:a a', 'order:b b']);
    expect(keys).toEqual(
      [1, 2].map((place) => expect.stringMatching(new RegExp(`^orders table/Orders/stream/\\S+ 0+${place}$`))),
    );
    expect(events).toMatchObject([
      { event: 'published', topic: 'order:a', seq: 1 },
      { event: 'published', topic: 'order:b' },
    ]);
  });

  it('passes over records that the source does not ask for', async () => {
    const { run, calls, kept } = createFixture(undefined, {
      source: orderSource({ on: ['MODIFY'], when: { status: ['2'] } }),
    });

    expect(await run([order(1, 'a'), orderRecord({ id: 'b', place: 2, eventName: 'INSERT' })])).toBeUndefined();

    expect([calls, kept]).toEqual([[], []]);
  });

  it('keeps what can never be published, and goes on, also with the same item', async () => {
    const { run, calls, kept, events } = createFixture();
    const large = orderRecord({ id: 'b', place: 2, item: { customer: { S: 'b' }, status: { S: 'x'.repeat(30_000) } } });

    expect(await run([order(1, 'a', ''), order(2, 'a'), large, order(3, 'b')])).toBeUndefined();

    expect(calls).toEqual(['order:a a', 'order:b b']);
    expect(kept).toEqual(['the attribute customer has no value', expect.stringContaining('at most 28672 bytes')]);
    expect(events.filter(({ event }) => event === 'unpublishable')).toHaveLength(2);
  });

  it('is retried from a record that could not be kept', async () => {
    const { run } = createFixture(undefined, { keep: () => Promise.reject(new Error('S3 is away')) });

    expect(await run([order(1, 'a'), order(2, 'b', '')])).toBe(1);
  });

  it.each([
    new BadRecordError('attribute seq is not a whole number'),
    Object.assign(new Error('refused'), { name: 'ValidationException' }),
    Object.assign(new Error('refused'), { name: 'TransactionCanceledException' }),
  ])('keeps a record whose write is refused for good: %s', async (error) => {
    const { run, kept } = createFixture(failing(error, of('a')));

    expect(await run([order(1, 'a'), order(2, 'b')])).toBeUndefined();

    expect(kept).toEqual([`${error.name}: ${error.message}`]);
  });

  it('counts a key that stands for another message as published: the configuration has changed since', async () => {
    const details = [{ path: 'key', reason: 'used for another request' }];
    const { run, kept } = createFixture(failing(new ClientError('bad-frame', 'used', { details }), () => true));

    expect(await run([order(1, 'a')])).toBeUndefined();

    expect(kept).toEqual([]);
  });
});

describe('a record that fails', () => {
  const away = new ClientError('unavailable', 'DynamoDB is away');

  it('holds up the later records of its item, and no others: the batch is retried from it', async () => {
    const { run, calls } = createFixture(failing(away, of('b')));

    expect(await run([order(1, 'a'), order(2, 'b'), order(3, 'b'), order(4, 'c')])).toBe(1);

    expect(calls).toEqual(['order:a a', 'order:b b', 'order:c c']);
  });

  it('holds up later records of its item in another topic, too', async () => {
    const { run, calls } = createFixture(failing(away, of('b')));

    expect(await run([order(1, 'a'), order(2, 'b'), order(3, 'b', 'elsewhere')])).toBe(1);

    expect(calls).toEqual(['order:a a', 'order:b b']);
  });

  it('does not hold up other items of its topic', async () => {
    const { run, calls } = createFixture(failing(away, of('b')));

    expect(await run([order(1, 'a', 'x'), order(2, 'b', 'x'), order(3, 'c', 'x')])).toBe(1);

    expect(calls).toEqual(['order:x a', 'order:x b', 'order:x c']);
  });

  it('first of several fails the function when others were published: Lambda then halves the batch', async () => {
    const { run } = createFixture(failing(away, of('a')));

    await expect(run([order(1, 'a'), order(2, 'b')])).rejects.toThrow(away);
  });

  it('with all others is an outage: halving would not help', async () => {
    const { run } = createFixture(failing(away, () => true));

    expect(await run([order(1, 'a'), order(2, 'b')])).toBe(0);
  });

  it('is published once when the batch is handed over again: the others cost no write', async () => {
    let isAway = true;
    const { run, calls } = createFixture(failing(away, (message) => isAway && of('b')(message)));

    expect(await run([order(1, 'a'), order(2, 'b'), order(3, 'c')])).toBe(1);
    isAway = false;
    expect(await run([order(2, 'b'), order(3, 'c')])).toBeUndefined();

    expect(calls).toEqual(['order:a a', 'order:b b', 'order:c c', 'order:b b']);
  });

  it('is not begun when the invocation is about to end', async () => {
    let remainingMs = 60_000;
    const publish: Publish = async () => {
      remainingMs = 19_999;
      return POSITION;
    };
    const { run, calls } = createFixture(publish, { remainingMs: () => remainingMs });

    expect(await run([order(1, 'a', 'x'), order(2, 'b', 'x'), order(3, 'c', 'x')])).toBe(1);

    expect(calls).toEqual(['order:x a']);
  });
});

import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { type Answer, createCallStage, fault, json, type Send } from '../../../helpers/call-stage.ts';

const TableName = 'Topics';
const Key = { topic: { S: 'news' } } as const;
const HUGE = '12345678901234567890123456789012345678';
const UPDATE: Send = (client) => client.send(new UpdateItemCommand({ TableName, Key }));
const GET: Send = (client) => client.send(new GetItemCommand({ TableName, Key }));
const DELETE: Send = (client) => client.send(new DeleteItemCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }));
const QUERY: Send = (client) => client.send(new QueryCommand({ TableName, KeyConditionExpression: 'topic = :t' }));
const WRITE: Send = (client) =>
  client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] } }));
const READ: Send = (client) => client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } }));
const TRANSACT: Send = (client) =>
  client.send(new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key } }] }));

const { bothOutcomes, openEndpoint, outcomeOf, close } = createCallStage();
afterEach(async () => {
  import.meta.jest.useRealTimers();
  await close();
});

const LONG = { Count: 3_000, Items: Array.from({ length: 3_000 }, (_, at) => ({ topic: { S: `é🌊-${at}` } })) };

describe('a call by the short way', () => {
  it.each<[string, Send, object]>([
    ['an empty answer', UPDATE, {}],
    ['a number that no double holds', UPDATE, { Attributes: { seq: { N: HUGE } } }],
    [
      'values of every kind',
      GET,
      {
        Item: {
          s: { S: 'é🌊"\\\u2028' },
          n: { N: '-1.5e10' },
          b: { BOOL: false },
          nothing: { NULL: true },
          list: { L: [{ S: '' }, { M: { deep: { SS: ['a', 'b'] } } }, { NS: ['1', '2'] }] },
          ['constructor']: { M: { ['__proto__x']: { S: 'x' } } },
        },
      },
    ],
    ['an answer of many pieces', QUERY, LONG],
    ['bytes', UPDATE, { Attributes: { b: { B: 'AAEC' }, bs: { BS: ['AQ==', 'Ag=='] }, l: { L: [{ B: '/w==' }] } } }],
    ['an attribute of the name of bytes', UPDATE, { Attributes: { B: { S: 'x' }, BS: { M: { B: { N: '1' } } } } }],
    [
      'a page of a query with its consumed capacity',
      QUERY,
      {
        Count: 1,
        ScannedCount: 2,
        Items: [{ topic: { S: 'news' } }],
        LastEvaluatedKey: { topic: { S: 'news' } },
        ConsumedCapacity: { TableName, CapacityUnits: 0.5, Table: { CapacityUnits: 0.5 }, GlobalSecondaryIndexes: {} },
      },
    ],
    [
      'writes that were left',
      WRITE,
      {
        UnprocessedItems: { [TableName]: [{ PutRequest: { Item: { topic: { S: 'x' } } } }] },
        ItemCollectionMetrics: {},
      },
    ],
    [
      'reads that were left',
      READ,
      { Responses: { [TableName]: [] }, UnprocessedKeys: { [TableName]: { Keys: [Key] } } },
    ],
    ['an old item', DELETE, { Attributes: { topic: { S: 'x' } } }],
  ])('has the output of the official client: %s', async (_, send, body) => {
    const { official, lean } = await bothOutcomes(send, json(body));

    expect(lean.output).toEqual(official.output);
    expect(official.output).toMatchObject({ $metadata: { httpStatusCode: 200, attempts: 1 } });
  });

  it.each<[string, Send, Answer, number]>([
    ['a condition that failed', UPDATE, fault('ConditionalCheckFailedException', { Item: { seq: { N: HUGE } } }), 1],
    [
      'a transaction that was cancelled, with its reasons',
      TRANSACT,
      fault('TransactionCanceledException', {
        CancellationReasons: [
          { Code: 'None' },
          { Code: 'ConditionalCheckFailed', Message: 'no', Item: { seq: { N: '1' }, raw: { B: 'AA==' } } },
          { Code: 'TransactionConflict' },
        ],
      }),
      1,
    ],
    ['a conflict', UPDATE, fault('TransactionConflictException'), 1],
    ['a missing table', QUERY, fault('ResourceNotFoundException'), 1],
    ['a full collection', WRITE, fault('ItemCollectionSizeLimitExceededException'), 1],
    ['a token that was used', TRANSACT, fault('IdempotentParameterMismatchException'), 1],
    ['a mistake', UPDATE, json({ __type: 'com.amazon.coral.validate#ValidationException', message: 'why' }, 400), 1],
    ['a refusal', UPDATE, json({ __type: 'com.amazon.coral.service#AccessDeniedException', Message: 'why' }, 400), 1],
    ['an error of an unknown name', UPDATE, fault('SomethingNewException', { more: 1 }), 1],
    ['throttling by the table', UPDATE, fault('ProvisionedThroughputExceededException'), 3],
    ['throttling by the account', UPDATE, fault('RequestLimitExceeded'), 3],
    [
      'throttling',
      QUERY,
      json({ __type: 'com.amazon.coral.availability#ThrottlingException', message: 'slow' }, 400),
      3,
    ],
    ['a transaction in progress', TRANSACT, fault('TransactionInProgressException'), 3],
    ['an error of the service', UPDATE, json({ __type: 'x#InternalServerError', message: 'why' }, 500), 3],
    ['no JSON', UPDATE, (response) => response.writeHead(503).end('<html>slow down</html>'), 3],
    ['no body', UPDATE, (response) => response.writeHead(500).end(), 3],
  ])('has the error of the official client, after as many tries: %s', async (...[, send, answer, tries]) => {
    const { official, lean } = await bothOutcomes(send, answer);

    expect(lean.error).toEqual(official.error);
    expect(lean.error).toMatchObject({ metadata: { attempts: tries } });
    expect([official.requests.length, lean.requests.length]).toEqual([tries, tries]);
  });

  it.each<[string, Send, Answer]>([
    ['a throttle', UPDATE, fault('ThrottlingException')],
    ['an error of the service', UPDATE, json({ __type: 'x#InternalServerError' }, 500)],
    ['a connection that is cut', UPDATE, (response) => response.destroy()],
  ])('of a client without retries is made once: %s', async (_, send, answer) => {
    const { official, lean } = await bothOutcomes(send, answer, 1);

    expect(lean.error).toMatchObject({ metadata: { attempts: 1 } });
    expect([official.requests.length, lean.requests.length]).toEqual([1, 1]);
  });

  it.each<[string, Answer]>([
    ['throttles', fault('ThrottlingException')],
    ['cut connections', (response) => response.destroy()],
  ])('succeeds after two %s, and says so', async (_, failing) => {
    const answer: Answer = (response, number) => (number < 3 ? failing : json({}))(response, number);
    const { official, lean } = await bothOutcomes(UPDATE, answer);

    expect(lean.output).toEqual(official.output);
    expect(lean.output).toMatchObject({ $metadata: { attempts: 3 } });
  });

  it('names a broken connection as the official client does', async () => {
    const { official, lean } = await bothOutcomes(UPDATE, (response) => response.destroy());

    const facts = { name: 'TimeoutError', code: 'ECONNRESET' };
    expect(official.error).toMatchObject(facts);
    expect(lean.error).toMatchObject(facts);
  });

  it.each(['official', 'lean'] as const)('ends at its timeout when nothing answers: %s', async (way) => {
    import.meta.jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
    let heard = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (heard = resolve));
    const outcome = outcomeOf(way, await openEndpoint(() => heard()), [UPDATE, 1]);
    await arrived;
    import.meta.jest.advanceTimersByTime(STORE_BOUNDS.REQUEST_TIMEOUT_MS);

    expect(await outcome).toMatchObject({ error: { name: 'TimeoutError', metadata: { attempts: 1 } } });
  });

  it.each(['official', 'lean'] as const)('corrects a clock that is wrong, and is made again: %s', async (way) => {
    const serverMs = Date.now() + 3_600_000;
    const headers = { date: new Date(serverMs).toUTCString() };
    const skewed = json({ __type: 'com.amazon.coral.service#InvalidSignatureException', message: 'old' }, 400, headers);

    const server = await openEndpoint((response, number) => (number === 1 ? skewed : json({}))(response, number));
    const { output, requests } = await outcomeOf(way, server, [UPDATE, 3]);

    expect(output).toMatchObject({ $metadata: { attempts: 2 } });
    const signedMs = requests.map(({ headers: sent }) => timeOf(String(sent['x-amz-date'])));
    expect(Math.abs((signedMs[1] ?? 0) - serverMs)).toBeLessThan(120_000);
    expect((signedMs[1] ?? 0) - (signedMs[0] ?? 0)).toBeGreaterThan(3_000_000);
  });
});

const timeOf = (amzDate: string): number =>
  Date.parse(amzDate.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

import {
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { withLeanCalls } from '../../../../shared/store/lean-calls.ts';
import { createCallStage, fault, json, type Send } from '../../../helpers/call-stage.ts';

const TableName = 'Topics';
const Key = { topic: { S: 'news' } } as const;
const UPDATE = new UpdateItemCommand({ TableName, Key });
const TRANSACT: Send = (client) =>
  client.send(new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key } }] }));

const { bothOutcomes, openEndpoint, outcomeOf, close } = createCallStage();
afterEach(close);

describe('the request of a call by the short way', () => {
  it.each<[string, Send]>([
    [
      'an update',
      (client) =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key,
            ExpressionAttributeValues: { ':é': { S: '🌊"' }, ':n': { N: '12345678901234567890123456789012345678' } },
          }),
        ),
    ],
    [
      'a put, without what is undefined',
      (client) =>
        client.send(new PutItemCommand({ TableName, Item: { ...Key, none: { SS: undefined, S: '' } as never } })),
    ],
    ['a query', (client) => client.send(new QueryCommand({ TableName, Limit: 1, ScanIndexForward: false }))],
  ])('has the body, the target and the type of the official client: %s', async (_, send) => {
    const { official, lean } = await bothOutcomes(send, json({}));

    const [theirs, ours] = [official.requests[0], lean.requests[0]];
    expect(JSON.parse(ours?.body ?? '')).toEqual(JSON.parse(theirs?.body ?? ''));
    for (const name of ['content-type', 'x-amz-target', 'content-length']) {
      expect(ours?.headers[name]).toBe(theirs?.headers[name]);
    }
  });

  it('goes the official way when it has bytes, which JSON has as base64', async () => {
    const server = await openEndpoint(json({}));
    const Item = { b: { B: new Uint8Array([0, 1]) }, l: { L: [{ BS: [Buffer.from('x')] }] } };

    await outcomeOf('lean', server, [(client) => client.send(new PutItemCommand({ TableName, Item })), 3]);

    expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { TableName, Item: { b: { B: 'AAE=' }, l: { L: [{ BS: ['eA=='] }] } } },
    ]);
  });

  it('of a transaction has a token that its repeats have, too', async () => {
    const { lean } = await bothOutcomes(TRANSACT, fault('ThrottlingException'));

    const tokens = lean.requests.map(
      ({ body }) => (JSON.parse(body) as { ClientRequestToken: string }).ClientRequestToken,
    );
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toMatch(/^[\da-f-]{36}$/);
  });

  it('keeps a token that the caller gave', async () => {
    const send: Send = (client) =>
      client.send(new TransactWriteItemsCommand({ TransactItems: [], ClientRequestToken: 'mine' }));
    const { lean } = await bothOutcomes(send, json({}));

    expect(JSON.parse(lean.requests[0]?.body ?? '')).toMatchObject({ ClientRequestToken: 'mine' });
  });

  it('can be ended by a signal, as the official client does it', async () => {
    const server = await openEndpoint(() => undefined);
    const client = withLeanCalls(
      new DynamoDBClient({
        endpoint: server.url,
        region: 'local',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      }),
    );

    const call = client.send(UPDATE, { abortSignal: AbortSignal.abort() });

    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(server.requests).toEqual([]);
  });
});

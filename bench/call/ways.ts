import { DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Dispatcher, Pool } from 'undici';
import { lambdaCredentials, lambdaRegion } from '../../shared/config.ts';
import { keepCredentials } from '../../shared/http/kept-credentials.ts';
import { createCallSigner } from '../../shared/http/call-encoder.ts';
import { createClient } from '../../shared/store/client.ts';
import { plainExchange } from '../post/plain-exchange.ts';

/** The calls that are measured, by their names. */
export type CallName = 'update' | 'query';

/** Makes one call; rejects when the answer is not what the endpoint gives. */
export type OneCall = () => Promise<void>;

/** A way to call DynamoDB. */
export type CallWay = 'bare' | 'ours' | 'official';

/** The ways that are compared. Endpoint, credentials and region are those of the environment, as on Lambda. */
export const CALL_WAYS: Readonly<Record<CallWay, (name: CallName, endpoint: string) => OneCall>> = {
  bare: (name, endpoint) => callBare(name, endpoint),
  ours: (name) => callByClient(name, createClient()),
  official: (name) => callByClient(name, new DynamoDBClient()),
};

/** The update of a publish: one message into a topic's head. */
const UPDATE = {
  TableName: 'Topics',
  Key: { topic: { S: 'news' } },
  UpdateExpression:
    'SET #m = :m, #p = :p, #e = :e, #t = :t, epoch = if_not_exists(epoch, :epoch) ADD seq :one REMOVE #x',
  ExpressionAttributeNames: {
    '#m': 'message',
    '#p': 'publishedAt',
    '#e': 'expiresAt',
    '#t': 'traceId',
    '#x': 'messages',
  },
  ExpressionAttributeValues: {
    ':m': { S: JSON.stringify({ text: 'x'.repeat(200) }) },
    ':p': { N: '1795000000000' },
    ':e': { N: '1797592000' },
    ':t': { S: '1-5759e988-bd862e3fe1be46a994272793' },
    ':epoch': { S: '1283be68' },
    ':one': { N: '1' },
  },
  ReturnValues: 'UPDATED_NEW',
} as const;

/** The listing of a topic's subscribers. */
const QUERY = {
  TableName: 'Subscriptions',
  IndexName: 'byTopic',
  KeyConditionExpression: 'topicShard = :topicShard',
  ExpressionAttributeValues: { ':topicShard': { S: 'news#0' } },
} as const;

/** The items of the answer to the listing. */
const QUERY_ITEMS = 1_000;

/** The bodies of the answers, as DynamoDB gives them. */
export const ANSWERS: Readonly<Record<CallName, string>> = {
  update: JSON.stringify({ Attributes: { epoch: { S: '1283be68' }, seq: { N: '17' } } }),
  query: JSON.stringify({
    Count: QUERY_ITEMS,
    Items: Array.from({ length: QUERY_ITEMS }, (_, at) => ({
      topicShard: { S: 'news#0' },
      connectionId: { S: `JNqaFd1mIAMC${String(at).padStart(4, '0')}=` },
      topic: { S: 'news' },
      connectedAt: { N: '1795000000000' },
      batch: { BOOL: true },
    })),
    ScannedCount: QUERY_ITEMS,
  }),
};

function callByClient(name: CallName, client: DynamoDBClient): OneCall {
  if (name === 'update') {
    return async () => check((await client.send(new UpdateItemCommand(UPDATE))).Attributes?.['seq']?.N === '17');
  }
  return async () => check((await client.send(new QueryCommand(QUERY))).Items?.length === QUERY_ITEMS);
}

/**
 * Calls by undici's dispatcher, signed by our signer, with JSON in both directions: what a call costs whoever makes it.
 */
function callBare(name: CallName, endpoint: string): OneCall {
  const url = new URL(endpoint);
  const pool = new Pool(url.origin);
  const sign = createCallSigner({ region: lambdaRegion(), url });
  const credentials = keepCredentials({ credentials: () => lambdaCredentials(), now: Date.now });
  const [operation, input] = name === 'update' ? ['UpdateItem', UPDATE] : ['Query', QUERY];
  return async () => {
    const body = JSON.stringify(input);
    const by = { credentials: credentials.known() ?? (await credentials.ask()), nowMs: Date.now() };
    const { head, signature } = sign({ operation, body }, by);
    const headers = [...head.headers.slice(0, -1), `${head.headers.at(-1)}${signature}`];
    const answer: { Attributes?: object; Items?: object[] } = JSON.parse(
      await exchange(pool, { method: 'POST', path: '/', headers, body }),
    );
    check(answer.Attributes !== undefined || answer.Items?.length === QUERY_ITEMS);
  };
}

/** Sends one request and returns the body of its answer; rejects for any status but 200. */
async function exchange(pool: Dispatcher, request: Dispatcher.DispatchOptions): Promise<string> {
  const chunks: Buffer[] = [];
  await plainExchange(pool, request, (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks).toString();
}

function check(isRight: boolean): void {
  if (!isRight) throw new Error('The answer is not that of the endpoint.');
}

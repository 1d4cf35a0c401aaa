import { Pool } from 'undici';
import type { PreparedFrame } from '../../shared/post/prepared-frames.ts';
import { createPostSigner } from '../../shared/post/sigv4.ts';
import { plainExchange } from '../post/plain-exchange.ts';
import { POST_CONCURRENCY } from '../../shared/post/post.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'local' } as const;

/** An attribute value in DynamoDB's JSON. */
type Value = { readonly S: string } | { readonly N: string } | { readonly BOOL: boolean };

interface BareItem {
  readonly [attribute: string]: Value;
}

/** A stream record, as far as the bare pipeline reads it. */
export interface BareRecord {
  readonly dynamodb: { readonly NewImage: Readonly<Record<string, { readonly S: string; readonly N: string }>> };
}

/** The responses to the bare pipeline's calls, as far as it reads them. */
interface Answers {
  readonly UpdateItem: object;
  readonly BatchWriteItem: object;
  readonly Query: {
    readonly Items: readonly { readonly connectionId: { readonly S: string } }[];
    readonly LastEvaluatedKey?: BareItem;
  };
  readonly ListStreams: { readonly Streams: readonly { readonly StreamArn: string }[] };
  readonly DescribeStream: { readonly StreamDescription: { readonly Shards: readonly { readonly ShardId: string }[] } };
  readonly GetShardIterator: { readonly ShardIterator: string };
  readonly GetRecords: { readonly Records: readonly BareRecord[]; readonly NextShardIterator: string };
}

/**
 * Calls DynamoDB without an SDK client: one POST with JSON in both directions. The local engine checks no signature.
 */
export type CallDynamodb = <A extends keyof Answers>(action: A, input: object) => Promise<Answers[A]>;

const STREAM_ACTIONS: ReadonlySet<string> = new Set([
  'ListStreams',
  'DescribeStream',
  'GetShardIterator',
  'GetRecords',
]);

/** Sockets to the engine, for writes, one poll and one query at the same time. */
const SOCKETS = 16;

/** Opens a connection pool to the engine. */
export function openDynamodb(endpoint: string): CallDynamodb {
  const pool = new Pool(endpoint, { connections: SOCKETS });
  return async <A extends keyof Answers>(action: A, input: object): Promise<Answers[A]> => {
    const service = STREAM_ACTIONS.has(action) ? 'DynamoDBStreams_20120810' : 'DynamoDB_20120810';
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${service}.${action}`,
        'x-amz-date': '20260101T000000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(input),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${action}: ${statusCode} ${text}`);
    const answer: Answers[A] = JSON.parse(text);
    return answer;
  };
}

/** Returns a function that posts with undici, signed by our signer. Rejects for any status other than 200. */
export function openBarePost(callbackUrl: string): (connectionId: string, frame: PreparedFrame) => Promise<void> {
  const pool = new Pool(new URL(callbackUrl).origin, { connections: POST_CONCURRENCY, pipelining: 1 });
  const sign = createPostSigner(callbackUrl, 'us-east-1');
  return (connectionId, frame) => {
    const signed = sign(connectionId, frame, { credentials: CREDENTIALS, nowMs: Date.now() });
    return plainExchange(pool, { method: 'POST', ...signed });
  };
}

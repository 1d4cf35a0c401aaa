import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from './bounds.ts';

const requestHandler = {
  connectionTimeout: 1_000,
  requestTimeout: STORE_BOUNDS.REQUEST_TIMEOUT_MS,
  throwOnRequestTimeout: true,
} as const;

/** Creates a client for calls that may be sent twice: puts, deletes, reads. */
export const createClient = (): DynamoDBClient => new DynamoDBClient({ requestHandler, maxAttempts: 3 });

/** Creates a client without retries, for an ADD: the SDK would count it twice if it retried after a lost answer. */
export const createUnretriedClient = (): DynamoDBClient => new DynamoDBClient({ requestHandler, maxAttempts: 1 });

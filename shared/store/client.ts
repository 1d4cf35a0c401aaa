import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from './bounds.ts';
import { withLeanCalls } from './lean-calls.ts';

/** The handler of the few calls that go the client's own way. */
const requestHandler = {
  connectionTimeout: STORE_BOUNDS.CALL_CONNECT_MS,
  requestTimeout: STORE_BOUNDS.REQUEST_TIMEOUT_MS,
  throwOnRequestTimeout: true,
} as const;

/** Creates a client for calls that may be sent twice: puts, deletes, reads. */
export const createClient = (): DynamoDBClient => open(3);

/** Creates a client without retries, for an ADD: it would count twice if it were repeated after a lost answer. */
export const createUnretriedClient = (): DynamoDBClient => open(1);

const open = (maxAttempts: number): DynamoDBClient =>
  withLeanCalls(new DynamoDBClient({ requestHandler, maxAttempts, cacheMiddleware: true }));

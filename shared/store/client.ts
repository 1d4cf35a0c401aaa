import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from './bounds.ts';

const requestHandler = {
  connectionTimeout: 1_000,
  requestTimeout: STORE_BOUNDS.REQUEST_TIMEOUT_MS,
  throwOnRequestTimeout: true,
} as const;

/** For calls that may be sent twice: puts, deletes, reads. */
export const createClient = (): DynamoDBClient => new DynamoDBClient({ requestHandler, maxAttempts: 3 });

/** For an ADD, which would count twice if the SDK sent it again after an answer that got lost. */
export const createUnretriedClient = (): DynamoDBClient => new DynamoDBClient({ requestHandler, maxAttempts: 1 });

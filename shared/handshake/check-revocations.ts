import * as z from 'zod/mini';
import type { RevocationCheck } from '../auth/permissions.ts';
import { type CallStore, createDynamodbCall, type DynamodbCallDeps } from './dynamodb-call.ts';
import { failureText } from './read-bounded.ts';
import { RevocationsUnavailableError } from './refusals.ts';

/** Number of times that a failing read of the revocations is tried. */
const ATTEMPTS = 2;

/** The dependencies of reading revocations. */
export interface CheckRevocationsDeps extends DynamodbCallDeps {
  /** The Subscriptions table. */
  readonly table: string;
  /** Returns the key of the item with a subject's revocations. */
  readonly keyOf: (subject: string) => Readonly<Record<string, string>>;
}

/** Reads what is revoked for a subject, strongly consistent. Throws RevocationsUnavailableError. */
export type CheckRevocations = (subject: string) => Promise<RevocationCheck>;

const numberAttribute = z.object({ N: z.coerce.number().check(z.int()) });

/** The item of shared/store/revocations.ts, as DynamoDB's JSON shows it. */
const answerSchema = z.object({
  Item: z.optional(
    z.object({
      patterns: z.object({ M: z.record(z.string(), numberAttribute) }),
      version: numberAttribute,
    }),
  ),
});

/**
 * Creates the check of revocations: one GetItem for each handshake. A test holds this read to what the official client
 * writes.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
 */
export function createCheckRevocations(deps: CheckRevocationsDeps): CheckRevocations {
  const call = createDynamodbCall(deps);
  return async (subject) => {
    const checkedAt = deps.now();
    const { Item: item } = await read(call, bodyOf(deps, subject));
    const patterns = Object.entries(item?.patterns.M ?? {});
    const revoked = patterns.flatMap(([pattern, { N: until }]) => (until > checkedAt ? [pattern] : []));
    return { revoked, seen: item?.version.N ?? 0, checkedAt };
  };
}

async function read(call: CallStore, body: string): Promise<z.infer<typeof answerSchema>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return answerSchema.parse(await call({ operation: 'GetItem', body }, attempt > 1));
    } catch (error) {
      if (attempt === ATTEMPTS) throw new RevocationsUnavailableError(failureText(error));
    }
  }
}

const bodyOf = ({ table, keyOf }: CheckRevocationsDeps, subject: string): string =>
  JSON.stringify({
    TableName: table,
    Key: Object.fromEntries(Object.entries(keyOf(subject)).map(([name, S]) => [name, { S }])),
    ConsistentRead: true,
    ProjectionExpression: 'patterns, version',
  });

import * as z from 'zod/mini';
import type { RevocationCheck } from '../auth/permissions.ts';
import type { Credentials } from '../http/sigv4.ts';
import { failureText } from './read-bounded.ts';
import { RevocationsUnavailableError } from './refusals.ts';
import { callAws, type SignedRequest, signCall } from './signed-call.ts';

/** Number of times that a failing read of the revocations is tried. */
const ATTEMPTS = 2;

/** The dependencies of reading revocations. */
export interface CheckRevocationsDeps {
  /** The Subscriptions table. */
  readonly table: string;
  /** Returns the key of the item with a subject's revocations. */
  readonly keyOf: (subject: string) => Readonly<Record<string, string>>;
  readonly region: string;
  /** The address of DynamoDB. Default: that of the region. */
  readonly endpoint?: string | undefined;
  readonly credentials: () => Credentials;
  readonly now: () => number;
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
 * Creates the check of revocations: one GetItem for each handshake. The official client does not fit into a bundle of
 * 150 KB; a test holds this read to what that client writes.
 */
export const createCheckRevocations =
  (deps: CheckRevocationsDeps): CheckRevocations =>
  async (subject) => {
    const checkedAt = deps.now();
    const { Item: item } = await read(deps, subject);
    const patterns = Object.entries(item?.patterns.M ?? {});
    const revoked = patterns.flatMap(([pattern, { N: until }]) => (until > checkedAt ? [pattern] : []));
    return { revoked, seen: item?.version.N ?? 0, checkedAt };
  };

async function read(deps: CheckRevocationsDeps, subject: string): Promise<z.infer<typeof answerSchema>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return answerSchema.parse(await callAws(signGetRevocations(deps, subject)));
    } catch (error) {
      if (attempt === ATTEMPTS) throw new RevocationsUnavailableError(failureText(error));
    }
  }
}

/**
 * Signs a GetItem of the item with a subject's revocations.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
 */
function signGetRevocations(deps: CheckRevocationsDeps, subject: string): SignedRequest {
  const { table, keyOf, region, endpoint, credentials, now } = deps;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return signCall({
    service: 'dynamodb',
    region,
    url: new URL(endpoint ?? `https://dynamodb.${region}.${suffix}`),
    contentType: 'application/x-amz-json-1.0',
    target: 'DynamoDB_20120810.GetItem',
    body: JSON.stringify({
      TableName: table,
      Key: Object.fromEntries(Object.entries(keyOf(subject)).map(([name, S]) => [name, { S }])),
      ConsistentRead: true,
      ProjectionExpression: 'patterns, version',
    }),
    credentials: credentials(),
    nowMs: now(),
  });
}

import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { decodeItem, encodeItem, type Item, type Values } from './attributes.ts';
import { optional, wholeNumber } from './item-schema.ts';
import { KEYS, rateId } from './schema.ts';

/** Attempts to use a shared bucket that others fill or leave to run empty at the same moment. */
const ATTEMPTS = 4;

/** Time in seconds after a bucket has run empty at which DynamoDB may delete its item. */
const KEPT_SECONDS = 60;

/** The dependencies of shared buckets. */
export interface SharedBucketDeps {
  /** A client without retries: a repeated update would count twice. */
  readonly client: DynamoDBClient;
  readonly keysTable: string;
}

/** A use of a shared bucket. */
export interface BucketUse {
  readonly key: string;
  /** Microseconds of the bucket's rate that the use takes. */
  readonly costUs: number;
  /** Microseconds that were used before without the bucket. They are added to any use that is taken. */
  readonly owedUs: number;
  /** Microseconds of the rate that the bucket holds. */
  readonly burstUs: number;
  readonly nowUs: number;
  /** The bucket's fill time as far as is known; undefined: unknown. */
  readonly knownUs: number | undefined;
}

/** The state of a bucket after an attempt to use it. */
export interface BucketState {
  readonly isTaken: boolean;
  /** Time in epoch microseconds until which the bucket is in use at its rate. */
  readonly fillUs: number;
}

const BUCKET = { fillUs: optional(wholeNumber) } as const;

/**
 * Uses a bucket that all Lambdas share: one item of the table Keys, with the time until which it is in use at its rate.
 * Each use moves this time on by its cost, in one conditional UpdateItem, and at most to a burst from now; what is owed
 * is added without a bound, since it was used already. An update
 * has no maximum of two numbers, so a bucket that has run empty is begun anew by another update than one in use; a
 * wrong belief about that costs one more call. Throws what DynamoDB throws.
 */
export async function takeFromBucket(deps: SharedBucketDeps, use: BucketUse): Promise<BucketState> {
  const { nowUs, costUs, burstUs } = use;
  let knownUs = use.knownUs ?? 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const result = await tryUse(deps, use, knownUs > nowUs);
    if ('fillUs' in result) return { isTaken: true, fillUs: result.fillUs };
    knownUs = result.found;
    if (knownUs > nowUs + burstUs - costUs) return { isTaken: false, fillUs: knownUs };
  }
  throw new Error('The shared bucket was changed by others at each attempt.');
}

type Use = { readonly fillUs: number } | { readonly found: number };

async function tryUse(deps: SharedBucketDeps, use: BucketUse, isInUse: boolean): Promise<Use> {
  try {
    const { Attributes = {} } = await deps.client.send(updateOf(deps, use, isInUse));
    return { fillUs: fillIn(Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { found: fillIn(error.Item ?? {}) };
  }
}

const fillIn = (item: Item): number => decodeItem(BUCKET, item).fillUs ?? 0;

function updateOf({ keysTable }: SharedBucketDeps, use: BucketUse, isInUse: boolean): UpdateItemCommand {
  const { expression, condition, values } = isInUse ? fillUp(use) : beginAnew(use);
  const endUs = use.nowUs + 2 * use.burstUs;
  return new UpdateItemCommand({
    TableName: keysTable,
    Key: encodeItem({ [KEYS.partitionKey]: rateId(use.key) }),
    UpdateExpression: `SET fillUs = ${expression}, #expires = :expires`,
    ConditionExpression: condition,
    ExpressionAttributeNames: { '#expires': KEYS.ttl },
    ExpressionAttributeValues: encodeItem({ ...values, ':expires': Math.ceil(endUs / 1e6) + KEPT_SECONDS }),
    ReturnValues: 'UPDATED_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
}

interface Change {
  readonly expression: string;
  readonly condition: string;
  readonly values: Values;
}

const fillUp = ({ costUs, owedUs, burstUs, nowUs }: BucketUse): Change => ({
  expression: 'fillUs + :cost',
  condition: 'fillUs > :now AND fillUs <= :room',
  values: { ':cost': costUs + owedUs, ':now': nowUs, ':room': nowUs + burstUs - costUs },
});

const beginAnew = ({ costUs, owedUs, nowUs }: BucketUse): Change => ({
  expression: ':fill',
  condition: 'attribute_not_exists(fillUs) OR fillUs <= :now',
  values: { ':fill': nowUs + costUs + owedUs, ':now': nowUs },
});

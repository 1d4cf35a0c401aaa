import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { backOff } from '../backoff.ts';
import { ClientError } from '../errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import { findCount, type Item, N, S } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { decodePosition, type TopicPosition } from './head.ts';
import type { HeadUpdate } from './head-update.ts';
import { outOfBounds } from './out-of-bounds.ts';
import { KEYS, keyId, TOPICS } from './schema.ts';

export interface KeyedWriteDeps {
  readonly client: DynamoDBClient;
  readonly topicsTable: string;
  readonly keysTable: string;
  readonly now: () => number;
}

export interface KeyedWrite {
  readonly topic: string;
  readonly key: string;
  readonly update: HeadUpdate;
}

/** Where the writer believes the topic to stand; the transaction's condition finds out. */
type Belief = (TopicPosition & { readonly value: number | undefined }) | undefined;

type Verdict = { readonly written: Item } | { readonly repeated: Item } | { readonly belief: Belief } | 'contended';

/**
 * A write that counts once per key: one transaction of the key's record and the head's update, so that neither can
 * stand without the other. A transaction returns no values, and yet the caller (and who repeats it) must get the
 * position: so it is a compare-and-set on the position that this writer believes in. A wrong belief costs one try, and
 * the refusal itself carries the head. Throws `out-of-bounds`, `bad-frame` for a key that was used for something else,
 * and `unavailable` when it lost races for too long.
 */
export function createKeyedWriter(deps: KeyedWriteDeps): (write: KeyedWrite) => Promise<Item> {
  const remembered = new Map<string, Belief>();
  return async (write) => {
    const deadlineMs = deps.now() + STORE_BOUNDS.KEYED_WRITE_MS;
    let belief = remembered.get(write.topic);
    for (let retry = 0; deps.now() < deadlineMs; retry++) {
      // What a refusal tells is used at once, while it is true; only who then loses again stands back.
      if (retry > 1 && retry % 2 === 0) await backOff(retry / 2, BACKOFF);
      const verdict = await transact(deps, write, belief);
      if (verdict === 'contended') continue;
      if ('repeated' in verdict) return answerOf(verdict.repeated, write);
      if ('written' in verdict) {
        remember(remembered, write.topic, beliefOf(verdict.written));
        return verdict.written;
      }
      belief = verdict.belief;
    }
    throw new ClientError(
      'unavailable',
      'There are too many writes to this topic at once. Try again with the same key.',
    );
  };
}

const BACKOFF = { baseMs: STORE_BOUNDS.WRITE_BACKOFF_MS, capMs: STORE_BOUNDS.WRITE_BACKOFF_CAP_MS } as const;

/** What the key was answered before. A key stands for one request: another one must not be taken for done. */
function answerOf(record: Item, { update }: KeyedWrite): Item {
  if (record['digest']?.S === update.digest()) return record;
  throw new ClientError('bad-frame', 'This key was used for another request.', {
    details: [{ path: 'key', reason: 'used for another request' }],
  });
}

async function transact(deps: KeyedWriteDeps, write: KeyedWrite, belief: Belief): Promise<Verdict> {
  const outcome = outcomeOf(write.update, belief);
  try {
    const TransactItems = [putKey(deps, write, outcome), updateHead(deps, write, belief)];
    await deps.client.send(new TransactWriteItemsCommand({ TransactItems }));
    return { written: outcome };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    return verdictOf(error, belief);
  }
}

function verdictOf(error: TransactionCanceledException, belief: Belief): Verdict {
  const [keyReason, headReason] = error.CancellationReasons ?? [];
  if (isConditionFailed(keyReason) && keyReason.Item !== undefined) return { repeated: keyReason.Item };
  if (!isConditionFailed(headReason)) return contended(error);
  const actual = beliefOf(headReason.Item);
  // The belief was right, so it was the other condition that failed.
  if (actual?.epoch === belief?.epoch && actual?.seq === belief?.seq) throw outOfBounds(error);
  return { belief: actual };
}

/** Reasons that time removes. Any other (a validation, an item too large) is a fault of ours. */
const CONTENTION: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'None',
]);

function contended(error: TransactionCanceledException): Verdict {
  if (error.CancellationReasons?.every(({ Code }) => CONTENTION.has(Code ?? 'None'))) return 'contended';
  throw error;
}

const isConditionFailed = (reason: CancellationReason | undefined): reason is CancellationReason =>
  reason?.Code === 'ConditionalCheckFailed';

/** What the head will be if the belief holds; stored with the key, so that a repeat gets the very same answer. */
function outcomeOf({ newEpoch, changes, delta }: HeadUpdate, belief: Belief): Item {
  return {
    epoch: S(belief?.epoch ?? newEpoch),
    seq: N((belief?.seq ?? 0) + changes),
    ...(delta === undefined ? {} : { value: N((belief?.value ?? 0) + delta) }),
  };
}

function putKey(deps: KeyedWriteDeps, { topic, key, update }: KeyedWrite, outcome: Item): TransactWriteItem {
  const nowSeconds = Math.floor(deps.now() / 1_000);
  const id = { [KEYS.partitionKey]: S(keyId(topic, key)), [KEYS.ttl]: N(nowSeconds + LIMITS.KEY_SECONDS) };
  return {
    Put: {
      TableName: deps.keysTable,
      Item: { ...outcome, ...id, digest: S(update.digest()) },
      // TTL deletes days late: an expired record is as good as none.
      ConditionExpression: 'attribute_not_exists(#id) OR #expires <= :now',
      ExpressionAttributeNames: { '#id': KEYS.partitionKey, '#expires': KEYS.ttl },
      ExpressionAttributeValues: { ':now': N(nowSeconds) },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

function updateHead(deps: KeyedWriteDeps, { topic, update }: KeyedWrite, belief: Belief): TransactWriteItem {
  const stands =
    belief === undefined ? 'attribute_not_exists(#seq)' : '#epoch = :believedEpoch AND #seq = :believedSeq';
  return {
    Update: {
      TableName: deps.topicsTable,
      Key: { [TOPICS.partitionKey]: S(topic) },
      UpdateExpression: update.expression,
      ConditionExpression: update.condition === undefined ? stands : `${stands} AND ${update.condition}`,
      ExpressionAttributeNames: update.names,
      ExpressionAttributeValues: {
        ...update.values,
        ...(belief === undefined ? {} : { ':believedEpoch': S(belief.epoch), ':believedSeq': N(belief.seq) }),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** An item without a seq is of a topic that was given its shards before anyone published. */
const beliefOf = (item: Item | undefined): Belief =>
  item?.['seq'] === undefined ? undefined : { ...decodePosition(item), value: findCount(item, 'value') };

function remember(remembered: Map<string, Belief>, topic: string, belief: Belief): void {
  remembered.delete(topic);
  remembered.set(topic, belief);
  const [oldest] = remembered.keys();
  if (remembered.size > STORE_BOUNDS.REMEMBERED_HEADS && oldest !== undefined) remembered.delete(oldest);
}

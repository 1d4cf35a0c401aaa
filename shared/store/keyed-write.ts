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
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import type { HeadUpdate } from './head-update.ts';
import { lenient, text } from './item-schema.ts';
import { refusalOf } from './refusal-of.ts';
import { KEYS, keyId, TOPICS } from './schema.ts';
import { WRITTEN_HEAD, type WrittenHead } from './written-head.ts';

/** The dependencies of writes with a key. */
export interface KeyedWriteDeps {
  readonly client: DynamoDBClient;
  readonly topicsTable: string;
  readonly keysTable: string;
  readonly now: () => number;
  /** Time in seconds for which a key counts once. Default: `KEY_SECONDS`. */
  readonly keySeconds?: number | undefined;
}

/** A write with an idempotency key. */
export interface KeyedWrite {
  readonly topic: string;
  readonly key: string;
  readonly update: HeadUpdate;
}

/** The state that the writer believes the head to have; undefined: no head. The transaction's condition checks it. */
type Belief = WrittenHead | undefined;

type Verdict =
  | { readonly written: WrittenHead }
  | { readonly repeated: WrittenHead }
  | { readonly belief: Belief }
  | 'contended';

/** A key's record: the head that its write left, and the request that the key stands for. */
const KEY_RECORD = { ...WRITTEN_HEAD, digest: lenient(text) } as const;

/**
 * Creates a writer whose writes count once per key: one transaction of the key's record and the head's update, so that
 * neither can exist without the other. A transaction returns no values, yet the caller, and every repeat, needs the
 * position: the write is therefore a compare-and-set on the position that this writer believes in. A wrong belief costs
 * one try, and the refusal itself carries the head. Throws `out-of-bounds`, `bad-frame` for a key that was used for
 * another request, `bad-topic` for a topic that must exist and does not, and `unavailable` when it lost races for too
 * long.
 */
export function createKeyedWriter(deps: KeyedWriteDeps): (write: KeyedWrite) => Promise<WrittenHead> {
  const remembered = new Map<string, Belief>();
  return async (write) => {
    const deadlineMs = deps.now() + STORE_BOUNDS.KEYED_WRITE_MS;
    let belief = remembered.get(write.topic);
    for (let retry = 0; deps.now() < deadlineMs; retry++) {
      // The head in a refusal is used at once, while it is still true. Only a second loss in a row backs off.
      if (retry > 1 && retry % 2 === 0) await backOff(retry / 2, BACKOFF);
      const verdict = await transact(deps, write, belief);
      if (verdict === 'contended') continue;
      if ('repeated' in verdict) return verdict.repeated;
      if ('written' in verdict) {
        remember(remembered, write.topic, verdict.written);
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

async function transact(deps: KeyedWriteDeps, write: KeyedWrite, belief: Belief): Promise<Verdict> {
  const outcome = outcomeOf(write.update, belief);
  try {
    const TransactItems = [putKey(deps, write, outcome), updateHead(deps, write, belief)];
    await deps.client.send(new TransactWriteItemsCommand({ TransactItems }));
    return { written: outcome };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    return verdictOf(error, write, belief);
  }
}

function verdictOf(error: TransactionCanceledException, { update }: KeyedWrite, belief: Belief): Verdict {
  const [keyReason, headReason] = error.CancellationReasons ?? [];
  if (isConditionFailed(keyReason) && keyReason.Item !== undefined)
    return { repeated: answerOf(keyReason.Item, update) };
  if (!isConditionFailed(headReason)) return contended(error);
  const actual = beliefOf(headReason.Item);
  // The belief was right, so the other condition failed.
  if (actual?.epoch === belief?.epoch && actual?.seq === belief?.seq) throw refusalOf(update, headReason.Item, error);
  return { belief: actual };
}

/** Returns the earlier answer to a key. A key stands for one request: a repeat must not hide a different one. */
function answerOf(record: Item, update: HeadUpdate): WrittenHead {
  const { digest, ...answer } = decodeItem(KEY_RECORD, record);
  if (digest === update.digest()) return answer;
  throw new ClientError('bad-frame', 'This key was used for another request.', {
    details: [{ path: 'key', reason: 'used for another request' }],
  });
}

/**
 * The cancellation reasons that pass with time. Any other (a validation, an item too large) is a defect of this code.
 */
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

/** Returns the head after the write, if the belief holds. The key's record stores it: a repeat gets the same answer. */
const outcomeOf = ({ newEpoch, changes, delta }: HeadUpdate, belief: Belief): WrittenHead => ({
  epoch: belief?.epoch ?? newEpoch,
  seq: (belief?.seq ?? 0) + changes,
  ...(delta === undefined ? {} : { value: (belief?.value ?? 0) + delta }),
});

function putKey(deps: KeyedWriteDeps, { topic, key, update }: KeyedWrite, outcome: WrittenHead): TransactWriteItem {
  const nowSeconds = Math.floor(deps.now() / 1_000);
  const expiresAt = nowSeconds + (deps.keySeconds ?? LIMITS.KEY_SECONDS);
  const id = { [KEYS.partitionKey]: keyId(topic, key), [KEYS.ttl]: expiresAt };
  return {
    Put: {
      TableName: deps.keysTable,
      Item: encodeItem({ ...outcome, ...id, digest: update.digest() }),
      // TTL deletes days late: an expired record counts as absent.
      ConditionExpression: 'attribute_not_exists(#id) OR #expires <= :now',
      ExpressionAttributeNames: { '#id': KEYS.partitionKey, '#expires': KEYS.ttl },
      ExpressionAttributeValues: encodeItem({ ':now': nowSeconds }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

function updateHead(deps: KeyedWriteDeps, { topic, update }: KeyedWrite, belief: Belief): TransactWriteItem {
  const stands = belief === undefined ? unbelieved(update) : '#epoch = :believedEpoch AND #seq = :believedSeq';
  return {
    Update: {
      TableName: deps.topicsTable,
      Key: encodeItem({ [TOPICS.partitionKey]: topic }),
      UpdateExpression: update.expression,
      ConditionExpression: update.condition === undefined ? stands : `${stands} AND ${update.condition}`,
      ExpressionAttributeNames: update.names,
      ExpressionAttributeValues: encodeItem({
        ...update.values,
        ':believedEpoch': belief?.epoch,
        ':believedSeq': belief?.seq,
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/**
 * Returns the condition of a writer that believes in no head. A topic that must exist is not written by such a belief:
 * the condition then never holds, and the refusal has the head, or shows that there is none.
 */
const unbelieved = ({ mustExist }: HeadUpdate): string =>
  mustExist ? 'attribute_exists(#seq) AND attribute_not_exists(#seq)' : 'attribute_not_exists(#seq)';

/** Decodes the head in a refusal. An item without a seq belongs to a topic that got shards before its first publish. */
const beliefOf = (item: Item | undefined): Belief =>
  item?.['seq'] === undefined ? undefined : decodeItem(WRITTEN_HEAD, item);

function remember(remembered: Map<string, Belief>, topic: string, belief: Belief): void {
  remembered.delete(topic);
  remembered.set(topic, belief);
  const [oldest] = remembered.keys();
  if (remembered.size > STORE_BOUNDS.REMEMBERED_HEADS && oldest !== undefined) remembered.delete(oldest);
}

import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { backOff, realWaiting, type Waiting } from '../backoff.ts';
import { rootsOf } from '../protocol/wildcard.ts';
import { encodeItem, type Item, type Values } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { SUBSCRIPTIONS, wildcardsKey } from './schema.ts';
import { decodeRoots, hasLeft, type RootEntry, type Roots, type WildcardDirectoryDeps } from './wildcard-directory.ts';

/** The longest time in ms for which a subscription's record counts. */
const SUBSCRIPTION_MS = STORE_BOUNDS.CONNECTION_SECONDS * 1_000;

/** Time in ms for which a root is entered: a warm route renews it once in the half of it. */
const ENTRY_MS = 2 * SUBSCRIPTION_MS;

/** The dependencies of entering wildcards. */
export interface EnterWildcardDeps extends WildcardDirectoryDeps {
  readonly waiting?: Waiting | undefined;
}

/**
 * Enters the root of a wildcard in the directory, before the subscription is recorded. Resolves to whether a broadcast
 * that is running may not have seen the entry yet: the subscription is then answered `WILDCARD_SETTLING_MS` later.
 */
export type EnterWildcard = (wildcard: string) => Promise<boolean>;

/**
 * Creates the directory as the routes use it. Routes may only write, so they read it as the answer to a write. A warm
 * route that knows an entry which lasts for a connection's life writes nothing.
 */
export function createEnterWildcard(deps: EnterWildcardDeps): EnterWildcard {
  let known: Roots = new Map();
  return async (wildcard) => {
    const roots = rootsOf(wildcard);
    const endMs = deps.now() + SUBSCRIPTION_MS;
    const lasting = roots.map((root) => known.get(root)).find((entry) => entry !== undefined && entry.until >= endMs);
    if (lasting !== undefined) return isYoung(lasting, deps.now());
    const entered = await enter(deps, roots);
    known = entered.known;
    return isYoung(entered.entry, deps.now());
  };
}

/** Whether an entry is so young that a broadcast may work by an earlier state of the directory. */
const isYoung = ({ at }: RootEntry, nowMs: number): boolean => nowMs - at < STORE_BOUNDS.WILDCARD_YOUNG_MS;

interface Entered {
  readonly entry: RootEntry;
  readonly known: Roots;
}

/**
 * Renews the entry of a root, or enters it. A full directory gets coarser instead of refusing a subscriber: it enters
 * the root of all wildcards with this number of separators.
 */
async function enter(deps: EnterWildcardDeps, roots: readonly [string, string]): Promise<Entered> {
  let write = renewal(roots[0], deps.now());
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(deps, write);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException) || attempt === STORE_BOUNDS.WILDCARD_ATTEMPTS)
        throw error;
      if (attempt > 1) await backOff(attempt, ENTER_BACKOFF, deps.waiting ?? realWaiting);
      write = nextWrite(error.Item, roots, deps.now());
    }
  }
}

const ENTER_BACKOFF = { baseMs: 10, capMs: 200 } as const;

/** An update of the directory, and the root whose entry it writes. */
interface DirectoryWrite {
  readonly root: string;
  readonly set: string;
  readonly remove?: readonly string[];
  readonly condition: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Values;
}

/** Returns the write that follows from the directory as a refused one has met it. */
function nextWrite(item: Item | undefined, [own, any]: readonly [string, string], nowMs: number): DirectoryWrite {
  if (item === undefined) return creation(own, nowMs);
  const known = decodeRoots(item);
  const live = [own, any].find((root) => (known.get(root)?.until ?? 0) >= nowMs);
  if (live !== undefined) return renewal(live, nowMs);
  const left = [...known].flatMap(([root, entry]) => (root !== own && hasLeft(entry, nowMs) ? [root] : []));
  const isFull = known.size - left.length >= STORE_BOUNDS.WILDCARD_ROOTS;
  return isFull ? addition(any, { nowMs, left: [] }) : addition(own, { nowMs, left, size: known.size });
}

const renewal = (root: string, nowMs: number): DirectoryWrite => ({
  root,
  set: 'roots.#root.#until = :until',
  condition: 'roots.#root.#until >= :now',
  names: { '#root': root, '#until': 'until' },
  values: { ':until': nowMs + ENTRY_MS, ':now': nowMs },
});

const creation = (root: string, nowMs: number): DirectoryWrite => ({
  root,
  set: 'roots = :roots',
  condition: 'attribute_not_exists(roots)',
  names: {},
  values: { ':roots': { [root]: { at: nowMs, until: nowMs + ENTRY_MS } } },
});

interface Addition {
  readonly nowMs: number;
  /** The roots that have left, and are removed. */
  readonly left: readonly string[];
  /** The number of entries that the directory may have before it. */
  readonly size?: number;
}

function addition(root: string, { nowMs, left, size }: Addition): DirectoryWrite {
  const absent = 'attribute_exists(roots) AND (attribute_not_exists(roots.#root) OR roots.#root.#until < :now)';
  const ended = left.map((_, index) => `roots.#left${index}.#until < :now`);
  const fits = size === undefined ? [] : ['size(roots) <= :size'];
  return {
    root,
    set: 'roots.#root = :entry',
    remove: left.map((_, index) => `roots.#left${index}`),
    condition: [absent, ...ended, ...fits].join(' AND '),
    names: {
      '#root': root,
      '#until': 'until',
      ...Object.fromEntries(left.map((name, index) => [`#left${index}`, name])),
    },
    values: {
      ':entry': { at: nowMs, until: nowMs + ENTRY_MS },
      ':now': nowMs,
      ...(size === undefined ? {} : { ':size': size }),
    },
  };
}

async function send({ client, table, now }: EnterWildcardDeps, write: DirectoryWrite): Promise<Entered> {
  const { root, set, remove = [], condition, names, values } = write;
  const removing = remove.length === 0 ? '' : ` REMOVE ${remove.join(', ')}`;
  const { Attributes = {} } = await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: encodeItem(wildcardsKey),
      UpdateExpression: `SET ${set}, #ttl = :ttl${removing}`,
      ConditionExpression: condition,
      ExpressionAttributeNames: { ...names, '#ttl': SUBSCRIPTIONS.ttl },
      ExpressionAttributeValues: encodeItem({ ...values, ':ttl': Math.ceil((now() + 2 * ENTRY_MS) / 1_000) }),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  const known = decodeRoots(Attributes);
  const entry = known.get(root);
  if (entry === undefined) throw new Error('The directory of wildcards does not hold what was written.');
  return { entry, known };
}

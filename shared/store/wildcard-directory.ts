import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { rootsOf, wildcardsOver } from '../protocol/wildcard.ts';
import { decodeItem, encodeItem, type Item } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import { lenient, mapOf, mapWith, wholeNumber } from './item-schema.ts';
import { wildcardsKey } from './schema.ts';

/** The dependencies of the directory of wildcards. */
export interface WildcardDirectoryDeps {
  readonly client: DynamoDBClient;
  /** The Subscriptions table. */
  readonly table: string;
  readonly now: () => number;
}

/** An entry of the directory: there may be subscriptions to wildcards of its root. Times are in epoch milliseconds. */
export interface RootEntry {
  /** The time at which the root was entered. */
  readonly at: number;
  /** The time by which all its subscriptions have ended, unless it is renewed. */
  readonly until: number;
}

/** The entries by root. */
export type Roots = ReadonlyMap<string, RootEntry>;

/** The directory: one item. An invalid entry decodes to undefined, and counts as absent. */
const DIRECTORY = { roots: mapOf(lenient(mapWith({ at: wholeNumber, until: wholeNumber }))) } as const;

/** Decodes the entries of the directory, the ended ones included. */
export function decodeRoots(item: Item): Roots {
  const { roots } = decodeItem(DIRECTORY, item);
  return new Map([...roots].flatMap(([root, entry]) => (entry === undefined ? [] : [[root, entry] as const])));
}

/**
 * Whether a root has left the directory. Routes count an entry as ended at its time already, and then enter it anew:
 * the minute between is more than their clocks can differ.
 */
export const hasLeft = ({ until }: RootEntry, nowMs: number): boolean => until + STORE_BOUNDS.WILDCARD_GRACE_MS < nowMs;

/** Returns the wildcards over a topic that may have subscribers. Rejects when the directory cannot be read. */
export type WildcardsOver = (topic: string) => Promise<readonly string[]>;

const NONE: readonly string[] = [];

/**
 * Creates the directory as a broadcast uses it: the item is read, strongly consistent, at most once in `WILDCARDS_MS`,
 * and only for topics with a `/` or `:`. A subscription whose root was entered at least as long ago is therefore found
 * by every warm Lambda. A failed read is repeated by the next call.
 */
export function createWildcardReader(deps: WildcardDirectoryDeps): WildcardsOver {
  let known: { readonly atMs: number; readonly roots: Promise<ReadonlySet<string>> } | undefined;
  const rootsNow = (): Promise<ReadonlySet<string>> => {
    const atMs = deps.now();
    const ageMs = known === undefined ? Infinity : atMs - known.atMs;
    // A clock that was set back must not prolong the life of what was read.
    if (known !== undefined && ageMs >= 0 && ageMs < STORE_BOUNDS.WILDCARDS_MS) return known.roots;
    const read = { atMs, roots: readRoots(deps, atMs) };
    known = read;
    read.roots.catch(() => {
      if (known === read) known = undefined;
    });
    return read.roots;
  };
  return async (topic) => {
    const over = wildcardsOver(topic);
    if (over.length === 0) return NONE;
    const roots = await rootsNow();
    return roots.size === 0 ? NONE : over.filter((wildcard) => rootsOf(wildcard).some((root) => roots.has(root)));
  };
}

async function readRoots({ client, table }: WildcardDirectoryDeps, nowMs: number): Promise<ReadonlySet<string>> {
  const read = new GetItemCommand({ TableName: table, Key: encodeItem(wildcardsKey), ConsistentRead: true });
  const { Item: item } = await client.send(read);
  if (item === undefined) return new Set();
  return new Set([...decodeRoots(item)].flatMap(([root, entry]) => (hasLeft(entry, nowMs) ? [] : [root])));
}

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { backOff } from '../backoff.ts';
import { ClientError } from '../errors.ts';
import { createNewest, type Newest } from '../newest.ts';
import { encodeItem, type Item } from './attributes.ts';
import { STORE_BOUNDS } from './bounds.ts';
import type { DraftedUpdate } from './draft-update.ts';
import { type AppendRefusal, judgeAppend, type StreamAppend } from './judge-append.ts';
import { TOPICS } from './schema.ts';
import { decodeStream, isOver, type StreamState } from './stream-state.ts';
import {
  appendUpdate,
  creationUpdate,
  forkedUpdate,
  goneUpdate,
  purgeUpdate,
  releasedUpdate,
  type StreamContext,
  type StreamCreation,
  touchUpdate,
} from './stream-updates.ts';
import { isUnmade } from './unmade.ts';

/** The dependencies of the store of streams. */
export interface StreamStoreDeps {
  readonly client: DynamoDBClient;
  /** The client for an ADD, which must never be sent twice. */
  readonly unretriedClient: DynamoDBClient;
  readonly topicsTable: string;
  readonly now: () => number;
  readonly newEpoch: () => string;
  /** The trace of the request in flight, if it has one. */
  readonly traceId: () => string | undefined;
}

/** The stream after a write. */
interface Written {
  readonly state: StreamState;
}

/** A refused append, with the stream as it is. */
export type RefusedAppend = AppendRefusal & { readonly state?: StreamState | undefined };

/** The reason for which a stream was not created: another one is there, or the source of a fork has changed. */
type CreationRefusal = { readonly present: StreamState } | 'source-changed';

/** The streams: topics that were created with settings, and topics that were published to. */
export interface StreamStore {
  /** Reads a stream. `consistent: false` costs half, and may show a state that is some milliseconds old. */
  readonly find: (topic: string, options?: { readonly consistent: boolean }) => Promise<StreamState | undefined>;
  /** Creates a stream by one write, with the source of a fork in one transaction. */
  readonly create: (creation: StreamCreation, source?: StreamState) => Promise<Written | CreationRefusal>;
  /** Appends by one write: the messages, the end and the producer's number together, or nothing. */
  readonly append: (append: StreamAppend) => Promise<Written | RefusedAppend>;
  /** Puts off the end of a stream that is read, at most ten times in its TTL. */
  readonly touch: (state: StreamState) => Promise<void>;
  /** Deletes a stream; one with forks is gone to everyone but them. */
  readonly remove: (topic: string) => Promise<'removed' | 'missing' | 'gone'>;
}

/** Creates the store of streams. */
export function createStreamStore(deps: StreamStoreDeps): StreamStore {
  const known = createNewest<string, StreamState>(STORE_BOUNDS.REMEMBERED_HEADS);
  return {
    find: (topic, options) => find(deps, topic, options?.consistent ?? true),
    create: (creation, source) => create(deps, creation, source),
    append: (append) => appendTo({ ...deps, known }, append),
    touch: (state) => touch(deps, state),
    remove: (topic) => remove(deps, topic),
  };
}

async function find(deps: StreamStoreDeps, topic: string, ConsistentRead: boolean): Promise<StreamState | undefined> {
  const { Item } = await deps.client.send(
    new GetItemCommand({ TableName: deps.topicsTable, Key: keyOf(topic), ConsistentRead }),
  );
  return decodeStream(Item);
}

async function create(
  deps: StreamStoreDeps,
  creation: StreamCreation,
  source: StreamState | undefined,
): Promise<Written | CreationRefusal> {
  return inTurns(async () => {
    const update = creationUpdate(creation, contextOf(deps));
    const forked = source && forkedUpdate(source, creation.inherited?.seq ?? 0, deps.now());
    const result = forked
      ? await writeBoth(deps, [creation.topic, update], [source.topic, forked])
      : await write(deps, creation.topic, update);
    if (result === 'other-failed') return 'source-changed';
    if ('written' in result) return { state: stateOf(result.written, creation.topic) };
    const present = decodeStream(result.refusedBy);
    const isFree = present === undefined || (isOver(present, deps.now()) && !present.isGone && present.forks === 0);
    return isFree ? 'again' : { present };
  });
}

/** A store that remembers the streams which it wrote to: a warm Lambda appends by one write and no read. */
interface Remembering extends StreamStoreDeps {
  readonly known: Newest<string, StreamState>;
}

async function appendTo(deps: Remembering, append: StreamAppend): Promise<Written | RefusedAppend> {
  const remembered = deps.known.get(append.topic);
  const isUsable = remembered !== undefined && judgeAppend(remembered, append, deps.now()) === undefined;
  // A remembered state may be old: it can lead to a write that is refused, but refuses nothing itself.
  let believed = isUsable ? remembered : await find(deps, append.topic, true);
  return inTurns(async () => {
    const refusal = judgeAppend(believed, append, deps.now());
    if (refusal !== undefined) return { ...refusal, state: believed };
    if (believed === undefined) return { refused: 'missing' };
    const result = await write(deps, append.topic, appendUpdate(believed, append, contextOf(deps)));
    if (!('written' in result)) {
      believed = decodeStream(result.refusedBy);
      return 'again';
    }
    const state = stateOf(result.written, append.topic);
    deps.known.set(append.topic, { ...state, newest: [] });
    return { state };
  });
}

async function touch(deps: StreamStoreDeps, state: StreamState): Promise<void> {
  const { ttlSeconds } = state.settings;
  if (ttlSeconds === undefined || state.endsAt === undefined) return;
  const unusedMs = deps.now() - (state.endsAt - ttlSeconds * 1_000);
  if (unusedMs < ttlSeconds * 1_000 * STORE_BOUNDS.TTL_STEP) return;
  await write(deps, state.topic, touchUpdate(state, deps.now()));
}

async function remove(deps: StreamStoreDeps, topic: string): Promise<'removed' | 'missing' | 'gone'> {
  return inTurns(async () => {
    const state = await find(deps, topic, true);
    if (state === undefined || isOver(state, deps.now())) return 'missing';
    if (state.isGone) return 'gone';
    const update = state.forks > 0 ? goneUpdate(state) : purgeUpdate(state);
    if (!('written' in (await write(deps, topic, update)))) return 'again';
    if (state.forks === 0) await release(deps, state);
    return 'removed';
  });
}

/** Tells the source of a deleted fork, and deletes it too if it was gone and has no other fork; and so on. */
async function release(deps: StreamStoreDeps, deleted: StreamState): Promise<void> {
  for (let source = deleted.settings.source; source !== undefined; ) {
    const result = await write(deps, source.topic, releasedUpdate());
    const state = 'written' in result ? decodeStream(result.written) : undefined;
    if (state === undefined || !state.isGone || state.forks > 0) return;
    const purged = await write(deps, state.topic, purgeUpdate(state));
    source = 'written' in purged ? state.settings.source : undefined;
  }
}

type WriteResult = { readonly written: Item } | { readonly refusedBy: Item | undefined };

async function write(deps: StreamStoreDeps, topic: string, update: DraftedUpdate): Promise<WriteResult> {
  const { values, ...parts } = update;
  const command = new UpdateItemCommand({
    ...parts,
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: encodeItem(values) }),
    TableName: deps.topicsTable,
    Key: keyOf(topic),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  for (let attempt = 1; ; attempt++) {
    try {
      return { written: (await deps.unretriedClient.send(command)).Attributes ?? {} };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { refusedBy: error.Item };
      if (!isUnmade(error) || attempt === STORE_BOUNDS.REFUSED_WRITE_ATTEMPTS) throw error;
    }
    await backOff(attempt, BACKOFF);
  }
}

type NamedUpdate = readonly [topic: string, update: DraftedUpdate];

/** Makes a write and another one together. Returns the refusal of the first, or that the other one failed. */
async function writeBoth(
  deps: StreamStoreDeps,
  first: NamedUpdate,
  other: NamedUpdate,
): Promise<WriteResult | 'other-failed'> {
  const TransactItems = [partOf(deps, first), partOf(deps, other)];
  for (let attempt = 1; ; attempt++) {
    try {
      await deps.client.send(new TransactWriteItemsCommand({ TransactItems }));
      const { Item: written = {} } = await deps.client.send(
        new GetItemCommand({ TableName: deps.topicsTable, Key: keyOf(first[0]), ConsistentRead: true }),
      );
      return { written };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const [own, others] = error.CancellationReasons ?? [];
      if (own?.Code === 'ConditionalCheckFailed') return { refusedBy: own.Item };
      if (others?.Code === 'ConditionalCheckFailed') return 'other-failed';
      if (attempt === STORE_BOUNDS.REFUSED_WRITE_ATTEMPTS) throw error;
    }
    await backOff(attempt, BACKOFF);
  }
}

function partOf(deps: StreamStoreDeps, [topic, { values, ...parts }]: NamedUpdate): TransactWriteItem {
  return {
    Update: {
      ...parts,
      ExpressionAttributeValues: encodeItem(values),
      TableName: deps.topicsTable,
      Key: keyOf(topic),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Makes a write again while other writers change its stream meanwhile. Throws `unavailable`. */
async function inTurns<T>(attempt: () => Promise<T | 'again'>): Promise<T> {
  for (let turn = 1; turn <= STORE_BOUNDS.STREAM_ATTEMPTS; turn++) {
    const result = await attempt();
    if (result !== 'again') return result;
    if (turn > 1) await backOff(turn, BACKOFF);
  }
  throw new ClientError('unavailable', 'There are too many writes to this stream at once. Try again.');
}

const BACKOFF = { baseMs: STORE_BOUNDS.WRITE_BACKOFF_MS, capMs: STORE_BOUNDS.WRITE_BACKOFF_CAP_MS } as const;

const keyOf = (topic: string) => encodeItem({ [TOPICS.partitionKey]: topic });

const contextOf = (deps: StreamStoreDeps): StreamContext => ({
  nowMs: deps.now(),
  newEpoch: deps.newEpoch(),
  newLife: deps.newEpoch(),
  traceId: deps.traceId(),
});

function stateOf(item: Item, topic: string): StreamState {
  const state = decodeStream(item);
  if (state === undefined) throw new Error(`The write left no stream in ${topic}.`);
  return state;
}

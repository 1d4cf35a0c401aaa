import type { DynamoDBRecord, StreamRecord } from 'aws-lambda';
import { type BroadcastDeps, type BroadcastEvent, broadcast } from '../../shared/fanout/broadcast/broadcast.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import { topicShard } from '../../shared/store/schema.ts';
import type { Subscriber } from '../../shared/store/subscribers.ts';
import type { ReadChange } from '../stream/topic-record.ts';
import { type Answers, NOTHING, type Tally, tallyOf } from './tally.ts';

/** A message that is due to a connection. */
export interface DueMessage {
  readonly connectionId: string;
  readonly topic: string;
  readonly seq: number;
}

/** The dependencies of replaying one batch. */
export interface BatchDeps {
  /** The parts of the broadcast Lambda, without its report. */
  readonly broadcast: Omit<BroadcastDeps, 'report'>;
  /** Whether nothing is sent, archived or removed. */
  readonly isDryRun: boolean;
  /** Called for each due message of a dry run. */
  readonly onDue: (message: DueMessage) => void;
}

/** The result of replaying one batch. */
export interface BatchResult {
  /** The number of changes that are done, from the first on. */
  readonly done: number;
  readonly tally: Tally;
  /** The reason why the next change is not done. */
  readonly reason: string | undefined;
}

/**
 * Broadcasts a batch by the code of the Lambda, which runs twice. The first run only counts its posts and finds what is
 * due to whom; a dry run ends there. The second run sends.
 */
export async function replayBatch(deps: BatchDeps, changes: readonly ReadChange[]): Promise<BatchResult> {
  const listSubscribers = cached(deps.broadcast.listSubscribers);
  const preview = (some: readonly ReadChange[]) => countDue({ ...deps.broadcast, listSubscribers }, some);
  const planned = await preview(changes);
  if (deps.isDryRun) {
    for (const message of planned.messages) deps.onDue(message);
    return {
      done: planned.done,
      reason: planned.reason,
      tally: tallyOf(planned.done, planned.due, allOf(planned.due)),
    };
  }
  if (planned.done === 0) return { done: 0, reason: planned.reason, tally: NOTHING };
  const due = changes.slice(0, planned.done);
  const sent = await send({ ...deps.broadcast, listSubscribers }, due);
  // A change that is not done will be sent again in full: counted now, it would be counted twice.
  if (sent.done === 0) return { done: 0, reason: sent.reason, tally: NOTHING };
  const counted = sent.done === due.length ? planned : await preview(due.slice(0, sent.done));
  return { done: sent.done, reason: sent.reason, tally: tallyOf(sent.done, counted.due, sent.answers) };
}

type Listing = BroadcastDeps['listSubscribers'];

/**
 * Caches the lists of subscribers, so that both runs see the same. There is at most one list for each record of the
 * batch.
 */
function cached(list: Listing): Listing {
  const lists = new Map<string, Promise<readonly Subscriber[]>>();
  return async function* (topic, shards) {
    const key = topicShard(topic, shards);
    const found = lists.get(key) ?? Array.fromAsync(list(topic, shards));
    lists.set(key, found);
    yield* await found;
  };
}

interface Due {
  readonly done: number;
  readonly reason: string | undefined;
  readonly due: ReadonlyMap<string, number>;
  readonly messages: readonly DueMessage[];
}

async function countDue(deps: Omit<BroadcastDeps, 'report'>, changes: readonly ReadChange[]): Promise<Due> {
  const messages: DueMessage[] = [];
  const due = new Map<string, number>();
  const named = namesOfFrames();
  const { done, reason } = await run(
    {
      ...deps,
      // The counting run must not change which connections count as slow.
      lateness: createLateness(deps.now),
      archive: async () => [],
      removeConnection: async () => undefined,
      post: async (connectionId, frame) => {
        const names = named(frame);
        due.set(connectionId, (due.get(connectionId) ?? 0) + names.length);
        for (const name of names) messages.push({ connectionId, ...name });
        return 'delivered';
      },
    },
    changes,
  );
  return { done, reason, due, messages };
}

async function send(deps: Omit<BroadcastDeps, 'report'>, changes: readonly ReadChange[]) {
  const answers = new Map<string, Answers>();
  const named = namesOfFrames();
  const post: BroadcastDeps['post'] = async (connectionId, frame, timeoutMs) => {
    const outcome = await deps.post(connectionId, frame, timeoutMs);
    const own = answers.get(connectionId) ?? { delivered: 0, refused: 0, last: outcome };
    answers.set(connectionId, own);
    own.last = outcome;
    if (outcome === 'delivered') own.delivered += named(frame).length;
    if (outcome === 'refused') own.refused += named(frame).length;
    return outcome;
  };
  return { ...(await run({ ...deps, post }, changes)), answers };
}

async function run(deps: Omit<BroadcastDeps, 'report'>, changes: readonly ReadChange[]) {
  let reason: string | undefined;
  const report = (event: BroadcastEvent): void => {
    reason = reasonOf(event) ?? reason;
  };
  const failedFrom = await broadcast({ ...deps, report }, changes.map(recordOf));
  return { done: failedFrom === undefined ? changes.length : Number(failedFrom), reason };
}

function reasonOf(event: BroadcastEvent): string | undefined {
  switch (event.event) {
    case 'broadcast':
    case 'remove-failed':
      return undefined;
    case 'callback-down':
      return `the callback endpoint reached none of ${event.connections} connections`;
    default:
      return `${event.event}: ${event.subject}: ${String(event.error)}`;
  }
}

/** Returns the record as the stream had it, numbered by its index in the batch: a failure then names the index. */
const recordOf = ({ image }: ReadChange, index: number): DynamoDBRecord => ({
  eventName: 'MODIFY',
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the two packages' types of the same JSON
  dynamodb: { SequenceNumber: String(index), NewImage: image as NonNullable<StreamRecord['NewImage']> },
});

type Name = Pick<DueMessage, 'topic' | 'seq'>;

interface SentFrame {
  readonly type: string;
  readonly topic?: string;
  readonly counter?: string;
  readonly seq?: number;
  readonly frames?: readonly SentFrame[];
}

/** Returns a function that names the messages in a frame. A frame goes to many connections, and is parsed once. */
function namesOfFrames(): (frame: string) => readonly Name[] {
  const known = new Map<string, readonly Name[]>();
  return (frame) => {
    const names = known.get(frame) ?? namesOf(JSON.parse(frame));
    known.set(frame, names);
    return names;
  };
}

const namesOf = ({ topic, counter = '', seq = 0, frames }: SentFrame): Name[] =>
  frames === undefined ? [{ topic: topic ?? `counter:${counter}`, seq }] : frames.flatMap(namesOf);

const allOf = (due: ReadonlyMap<string, number>): ReadonlyMap<string, Answers> =>
  new Map(Array.from(due, ([id, delivered]) => [id, { delivered, refused: 0, last: 'delivered' }]));

import { conflate } from '../../shared/fanout/broadcast/conflate.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import { findHead } from '../../shared/store/topics.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { ReadChange } from '../stream/topic-record.ts';
import type { Reading } from './reading.ts';
import type { SentSeqs } from './replay-state.ts';

/** The changes to send, in order, and the reason why every other record that was read is not sent. */
export interface ReplayPlan {
  readonly changes: readonly ReadChange[];
  /** The number of records read: the sum of `changes` and all below. */
  readonly read: number;
  /** Changes that were sent before the replay was interrupted. */
  readonly doneBefore: number;
  /** Repeats, and values of a counter that a newer one replaces. */
  readonly replaced: number;
  /** Changes of an earlier epoch of their topic. Sent now, they would lead clients back into it. */
  readonly earlierEpoch: readonly ReadChange[];
  readonly poison: readonly string[];
  /** Records that are no changes. */
  readonly others: number;
}

/** Plans a replay: the changes of a reading to send, in the order of each topic. */
export async function planReplay(backend: Backend, reading: Reading, sentSeqs: SentSeqs): Promise<ReplayPlan> {
  const { changes, poison, others } = reading;
  const epochs = await readEpochs(backend, new Set(changes.map(({ head }) => head.topic)));
  const isPresent = ({ head: { topic, epoch } }: ReadChange): boolean => (epochs.get(topic) ?? epoch) === epoch;
  const present = inOrder(changes.filter(isPresent));
  const kept = withoutRepeats(present);
  const open = kept.filter(({ head }) => head.seq > (sentSeqs[head.topic] ?? 0));
  return {
    changes: open,
    read: changes.length + poison.length + others,
    doneBefore: kept.length - open.length,
    replaced: present.length - kept.length,
    earlierEpoch: changes.filter((change) => !isPresent(change)),
    poison,
    others,
  };
}

/** Reads the present epoch of each topic. A topic without a head has none. */
async function readEpochs({ dynamodb, stack }: Backend, topics: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = await runBounded([...topics], CLI_BOUNDS.READ_CONCURRENCY, async (topic) => {
    const head = await findHead(dynamodb, stack.resources.topicsTable, topic);
    return head === undefined ? [] : [[topic, head.epoch] as const];
  });
  return new Map(found.flat());
}

/** Conflates all changes as the broadcast does with a batch. */
const withoutRepeats = (changes: readonly ReadChange[]): ReadChange[] =>
  conflate(changes.map(({ head }, index) => ({ head, streamSequenceNumber: String(index) }))).flatMap(
    ({ streamSequenceNumber: index }) => changes[Number(index)] ?? [],
  );

/**
 * Sorts the changes of each topic by seq, within its places in the list: sources overlap, failures come in any order.
 */
function inOrder(changes: readonly ReadChange[]): ReadChange[] {
  const byTopic = new Map<string, ReadChange[]>();
  for (const change of changes) {
    const own = byTopic.get(change.head.topic) ?? [];
    byTopic.set(change.head.topic, own);
    own.push(change);
  }
  const sorted = new Map(
    Array.from(byTopic, ([topic, own]) => [topic, own.toSorted((a, b) => a.head.seq - b.head.seq).values()]),
  );
  return changes.flatMap(({ head }) => sorted.get(head.topic)?.next().value ?? []);
}

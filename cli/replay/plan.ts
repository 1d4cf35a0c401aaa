import { conflate } from '../../shared/fanout/broadcast/conflate.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import { findHead } from '../../shared/store/topics.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { ReadChange } from '../stream/topic-record.ts';
import type { Reading } from './reading.ts';
import type { Places } from './replay-state.ts';

/** What is sent, in its order, and what became of every other record that was read. */
export interface Plan {
  readonly changes: readonly ReadChange[];
  /** These add up to `read`, with `changes`. */
  readonly read: number;
  /** Sent before the replay was interrupted. */
  readonly doneBefore: number;
  /** Repeats, and older values of a counter whose newer one is sent. */
  readonly replaced: number;
  /** Of an earlier life of their topic: sent now, they would lead clients back into it. */
  readonly earlierEpoch: readonly ReadChange[];
  readonly poison: readonly string[];
  readonly others: number;
}

/** Plans a replay: what of a reading is to be sent, in the order of each topic. */
export async function planReplay(backend: Backend, reading: Reading, places: Places): Promise<Plan> {
  const { changes, poison, others } = reading;
  const epochs = await readEpochs(backend, new Set(changes.map(({ head }) => head.topic)));
  const isPresent = ({ head: { topic, epoch } }: ReadChange): boolean => (epochs.get(topic) ?? epoch) === epoch;
  const present = inOrder(changes.filter(isPresent));
  const kept = withoutRepeats(present);
  const open = kept.filter(({ head }) => head.seq > (places[head.topic] ?? 0));
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

/** The epoch that each topic is in now; none for a topic that is forgotten. */
async function readEpochs({ dynamodb, stack }: Backend, topics: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = await runBounded([...topics], CLI_BOUNDS.READ_CONCURRENCY, async (topic) => {
    const head = await findHead(dynamodb, stack.resources.topicsTable, topic);
    return head === undefined ? [] : [[topic, head.epoch] as const];
  });
  return new Map(found.flat());
}

/** As the broadcast does with a batch, here with the whole. */
const withoutRepeats = (changes: readonly ReadChange[]): ReadChange[] =>
  conflate(changes.map(({ head }, place) => ({ head, streamSequenceNumber: String(place) }))).flatMap(
    ({ streamSequenceNumber: place }) => changes[Number(place)] ?? [],
  );

/** Each topic keeps its places, and has its changes there by seq: sources may overlap, and failures come in any order. */
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

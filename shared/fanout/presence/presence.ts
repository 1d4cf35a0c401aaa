import { runBounded } from '../../run-bounded.ts';
import type { PresenceEvent, Watcher } from '../../store/presence.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import {
  deliverFrames,
  type DeliverFramesDeps,
  TOPIC_CONCURRENCY,
  type TopicFrame,
} from '../deliver/deliver-frames.ts';
import { DELIVERY_MS } from '../deliver/post-all.ts';
import { idOf } from './member-fields.ts';
import { addressTo, encodeMembers, encodeList } from './presence-frame.ts';
import { changeOf, type TopicChange, type TopicChangeDeps } from './topic-change.ts';
import { byTopic } from './topic-batch.ts';

/**
 * Characters of lists of members that are prepared at once, 64 Mi. Each new watcher gets the list with its own member
 * in it; the lists of further watchers follow in a next round.
 */
const LIST_CHARS = 64 * 1_024 * 1_024;

/** The dependencies of announcing presence. */
export type PresenceDeps = DeliverFramesDeps & TopicChangeDeps;

/** The end of announcing the events of a batch. */
export interface Announced {
  /** Whether all frames were delivered, or given up for connections that do not take them. */
  readonly isDone: boolean;
  readonly results: readonly DeliveryResult[];
}

/**
 * Announces to the watchers of a topic which members joined, left and changed their state, and to new watchers which
 * members there are. A topic without watchers costs one query of the index. Rejects when the tables cannot be read or
 * written.
 */
export async function announcePresence(deps: PresenceDeps, events: readonly PresenceEvent[]): Promise<Announced> {
  const found = await runBounded(byTopic(events), TOPIC_CONCURRENCY, (own) => changeOf(deps, own));
  const changes = found.filter((change) => change !== undefined);
  const announced = await deliverRounds(deps, roundsOf(changes));
  if (announced.isDone) await runBounded(changes, TOPIC_CONCURRENCY, ({ finish }) => finish());
  return announced;
}

/** A frame with the connections that it is due to. */
interface Due {
  readonly frame: TopicFrame;
  readonly watchers: readonly Recipient[];
}

/** A watcher as a subscriber who gets each frame by itself. */
type Recipient = Watcher & { readonly batch: false };

const recipientOf = (watcher: Watcher): Recipient => ({ ...watcher, batch: false });

function changeFrames({ change, watchers }: TopicChange): readonly Due[] {
  const recipients = watchers.map(recipientOf);
  return encodeMembers(change).map((text) => ({ frame: { topic: change.topic, text }, watchers: recipients }));
}

/** Returns the frames in rounds, which are made one after another: all changes, and then the lists. */
function* roundsOf(changes: readonly TopicChange[]): Generator<readonly Due[]> {
  yield changes.flatMap(changeFrames);
  yield* listRounds(changes);
}

/** Returns the lists for all new watchers, in rounds of a bounded size. */
function* listRounds(changes: readonly TopicChange[]): Generator<readonly Due[]> {
  for (const { change, list, newWatchers } of changes) {
    const parts = newWatchers.length === 0 ? [] : encodeList(list, change);
    const chars = parts.reduce((sum, { length }) => sum + length, 1);
    const step = Math.ceil(LIST_CHARS / chars);
    for (let start = 0; start < newWatchers.length; start += step) {
      yield newWatchers.slice(start, start + step).flatMap((watcher) => listFrames(change.topic, parts, watcher));
    }
  }
}

function listFrames(topic: string, parts: readonly string[], watcher: Watcher): readonly Due[] {
  const watchers = [recipientOf(watcher)];
  const key = `${topic}#${watcher.connectionId}`;
  return parts.map((text) => ({ frame: { topic: key, text: addressTo(idOf(watcher), text) }, watchers }));
}

/** Delivers one round of frames after another within the time of one delivery. */
async function deliverRounds(deps: PresenceDeps, rounds: Iterable<readonly Due[]>): Promise<Announced> {
  const endMs = deps.now() + DELIVERY_MS;
  const results: DeliveryResult[] = [];
  for (const round of rounds) {
    const to = new Map(round.map(({ frame, watchers }) => [frame.topic, watchers]));
    const frames = round.map(({ frame }) => frame);
    const delivered = await deliverFrames({ ...deps, deliveryMs: endMs - deps.now() }, frames, to);
    for (const result of delivered.results) results.push(result);
    if (delivered.done < frames.length) return { isDone: false, results };
  }
  return { isDone: true, results };
}

import { byteLength } from '../../protocol/decode-frame.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { runBounded } from '../../run-bounded.ts';
import type { Subscriber } from '../../store/subscribers.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import { type DeliverDeps, type Delivery, type DeliveryResult, deliver } from './post-all.ts';
import { createFramePacker, type DueFrame } from './frame-packing.ts';
import { isPastGrace } from '../grace.ts';

export interface SubscriberDeliveryDeps extends DeliverDeps {
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
  readonly report: (event: SubscriberDeliveryEvent) => void;
}

export type SubscriberDeliveryEvent =
  | { readonly event: 'remove-failed'; readonly error: unknown; readonly subject: string }
  | { readonly event: 'callback-down'; readonly connections: number };

/** A frame that is due to the subscribers of a topic. Encoded once, however many get it. */
export interface TopicFrame {
  readonly topic: string;
  readonly text: string;
  /** A connection that is not to get it. */
  readonly exclude?: string | undefined;
}

/** By topic. */
export type Subscribers = ReadonlyMap<string, readonly Subscriber[]>;

export interface SubscriberDelivery {
  readonly results: readonly DeliveryResult[];
  /** Frames that are done, from the first on. */
  readonly done: number;
}

/**
 * Delivers frames to the subscribers of their topics, in order, a bounded number of posts at a time, until all are done, the
 * time is up, or nobody can be reached. Removes the records of connections that are gone.
 */
export async function deliverToSubscribers(
  deps: SubscriberDeliveryDeps,
  frames: readonly TopicFrame[],
  subscribers: Subscribers,
): Promise<SubscriberDelivery> {
  const endMs = deps.now() + (deps.deliveryMs ?? FANOUT_BOUNDS.DELIVERY_MS);
  const audiences = new Map(Array.from(subscribers, ([topic, own]) => [topic, audienceOf(own)] as const));
  const results: DeliveryResult[] = [];
  let done = 0;
  while (done < frames.length && deps.now() < endMs) {
    const part = upToBudget(frames.slice(done), audiences);
    const deliveryMs = endMs - deps.now();
    const posted = await deliver({ ...deps, deliveryMs }, deliveriesOf(part, subscribers));
    await removeGone(deps, posted);
    for (const result of posted) results.push(result);
    if (isUndone(posted)) {
      deps.report({ event: 'callback-down', connections: posted.length });
      break;
    }
    done += part.length;
  }
  return { results, done };
}

/** How many subscribers of a topic get each frame by itself, and how many get several in one. */
interface Audience {
  readonly single: number;
  readonly batch: number;
}

function audienceOf(subscribers: readonly Subscriber[]): Audience {
  const batch = subscribers.filter((subscriber) => subscriber.batch).length;
  return { single: subscribers.length - batch, batch };
}

/** As many frames as a round of posts allows, but at least one. */
function upToBudget(frames: readonly TopicFrame[], audiences: ReadonlyMap<string, Audience>): readonly TopicFrame[] {
  let [posts, due] = [0, 0];
  const over = frames.findIndex(({ topic, text }, index) => {
    const { single, batch } = audiences.get(topic) ?? { single: 0, batch: 0 };
    // What goes in batches needs as many posts as it fills: to count each frame as one would leave the batches small.
    posts += single + (batch * byteLength(text)) / LIMITS.FRAME_BYTES;
    due += single + batch;
    return (posts > FANOUT_BOUNDS.POSTS || due > FANOUT_BOUNDS.DUE_FRAMES) && index > 0;
  });
  return over === -1 ? frames : frames.slice(0, over);
}

/** What is due to each connection, in order. */
function deliveriesOf(frames: readonly TopicFrame[], subscribers: Subscribers): Delivery[] {
  const due = new Map<string, { readonly subscriber: Subscriber; readonly frames: DueFrame[] }>();
  for (const { topic, text, exclude } of frames) {
    const [inBatches, alone] = [
      { text, batch: true },
      { text, batch: false },
    ];
    for (const subscriber of subscribers.get(topic) ?? []) {
      const { connectionId, batch } = subscriber;
      if (connectionId === exclude) continue;
      const delivery = due.get(connectionId) ?? { subscriber, frames: [] };
      due.set(connectionId, delivery);
      delivery.frames.push(batch ? inBatches : alone);
    }
  }
  const pack = createFramePacker();
  return Array.from(due.values(), ({ subscriber: { connectionId, connectedAt }, frames: own }) => ({
    connectionId,
    connectedAt,
    frames: pack(own),
  }));
}

/**
 * Whether the posts as a whole were not done: there was no time for some, or nobody could be reached, which says nothing of
 * the connections. A few that do not answer may be slow themselves; the endpoint's own errors are never theirs.
 */
function isUndone(results: readonly DeliveryResult[]): boolean {
  if (results.some(({ outcome }) => outcome === 'skipped')) return true;
  const isSilent = results.every(({ outcome }) => outcome === 'failed' || outcome === 'unanswered');
  const isTheirs =
    results.length <= FANOUT_BOUNDS.SILENT_CONNECTIONS && !results.some(({ outcome }) => outcome === 'failed');
  return results.length > 0 && isSilent && !isTheirs;
}

/** A gone connection's records go too, but for one whose handshake may still be under way: it answers 410 as well. */
async function removeGone(
  { removeConnection, report, now }: SubscriberDeliveryDeps,
  results: readonly DeliveryResult[],
): Promise<void> {
  const gone = results.filter(
    ({ outcome, delivery }) => outcome === 'gone' && isPastGrace(delivery.connectedAt, now()),
  );
  await runBounded(gone, FANOUT_BOUNDS.REMOVE_CONCURRENCY, async ({ delivery: { connectionId } }) => {
    // Not worth delivering the batch again: the next delivery meets the same 410, and the records expire.
    await removeConnection(connectionId).catch((error: unknown) =>
      report({ event: 'remove-failed', error, subject: connectionId }),
    );
  });
}

import { byteLength } from '../../protocol/decode-frame.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { Position } from '../../protocol/position.ts';
import { runBounded } from '../../run-bounded.ts';
import type { Subscriber } from '../../store/subscribers.ts';
import { createFramePacker, type DueFrame } from './frame-packing.ts';
import { isUnreached } from './lateness.ts';
import { isOwed, type NoteDebts } from './missed-frames.ts';
import type { Delivery, DeliveryResult } from './outcomes.ts';
import { type EndConnections, withoutEnded } from './token-end.ts';
import { DELIVERY_MS, postAll, type PostAllDeps } from './post-all.ts';

/** Number of topics of one batch whose subscribers are listed at once. */
export const TOPIC_CONCURRENCY = 8;
/**
 * Number of posts that are prepared at once; further frames follow in a next round while there is time. Frames in
 * batches count by the bytes that they fill.
 * @limit operator
 */
export const POSTS_PER_ROUND = 20_000;
/** Number of frames that are prepared at once, counted for each subscriber that they are due to. */
export const DUE_FRAMES = 1_000_000;
/** Number of gone connections whose records are deleted at once. */
const REMOVE_CONCURRENCY = 8;
/**
 * Age in ms up to which a connection that answers 410 keeps its records: its handshake may still be in flight, since
 * `$connect` may take 29 s.
 * @limit operator
 */
export const CONNECT_GRACE_MS = 30_000;

/** The dependencies of delivering frames. */
export interface DeliverFramesDeps extends PostAllDeps {
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
  readonly report: (event: DeliverFramesEvent) => void;
  /** Records the catch-ups that connections are owed; without it they see the gap by themselves. */
  readonly noteDebts?: NoteDebts | undefined;
  /** Ends connections whose tokens have ended. Nothing is delivered to them, with or without it. */
  readonly endConnections?: EndConnections | undefined;
}

/** An event of a delivery that operators should see. */
export type DeliverFramesEvent =
  | { readonly event: 'remove-failed'; readonly error: unknown; readonly subject: string }
  | { readonly event: 'callback-down'; readonly connections: number };

/** A frame that is due to the subscribers of a topic, encoded once for all of them. */
export interface TopicFrame {
  readonly topic: string;
  readonly text: string;
  /** A connection that is not to get it. */
  readonly exclude?: string | undefined;
  /** The position before the frame; a connection that misses the frame is owed a catch-up from there. */
  readonly after?: Position | undefined;
}

/** The subscribers of each topic. */
export type Subscribers = ReadonlyMap<string, readonly Subscriber[]>;

/** The results of delivering frames. */
export interface DeliveredFrames {
  readonly results: readonly DeliveryResult[];
  /** The number of frames that are done, from the first on. */
  readonly done: number;
}

/**
 * Delivers frames to the subscribers of their topics, in order, a bounded number of posts at a time, until all are
 * done, the time is up, or nobody can be reached. Removes the records of connections that are gone, and has connections
 * ended whose tokens have ended.
 */
export async function deliverFrames(
  deps: DeliverFramesDeps,
  frames: readonly TopicFrame[],
  listed: Subscribers,
): Promise<DeliveredFrames> {
  const { live: subscribers, ended } = withoutEnded(listed, deps.now());
  const ending = deps.endConnections?.(ended);
  const endMs = deps.now() + (deps.deliveryMs ?? DELIVERY_MS);
  const audiences = new Map(Array.from(subscribers, ([topic, own]) => [topic, audienceOf(own)] as const));
  const results: DeliveryResult[] = [];
  let done = 0;
  while (done < frames.length && deps.now() < endMs) {
    const part = upToBudget(frames.slice(done), audiences);
    const deliveryMs = endMs - deps.now();
    const posted = await postAll({ ...deps, deliveryMs }, deliveriesOf(part, subscribers));
    await removeGone(deps, posted);
    for (const result of posted) results.push(result);
    if (isUndone(posted)) {
      deps.report({ event: 'callback-down', connections: posted.length });
      break;
    }
    await noteMissed(deps, { frames: part, subscribers, posted });
    done += part.length;
  }
  // The frames do not wait for it: many tokens may end at the same time.
  await ending;
  return { results, done };
}

/** A round of posts and its results. */
interface Round {
  readonly frames: readonly TopicFrame[];
  readonly subscribers: Subscribers;
  readonly posted: readonly DeliveryResult[];
}

/** Records a debt for each topic of which a connection missed frames: from before the first frame of the round on. */
async function noteMissed({ noteDebts }: DeliverFramesDeps, { frames, subscribers, posted }: Round): Promise<void> {
  if (noteDebts === undefined) return;
  const missed = new Set(posted.filter(isOwed).map(({ delivery }) => delivery.connectionId));
  // Debts that are left from the rounds before are recorded now.
  if (missed.size === 0) return noteDebts([]);
  const positions = new Map(frames.toReversed().map(({ topic, after }) => [topic, after] as const));
  const debts = Array.from(positions, ([topic, position]) => {
    const owed = (subscribers.get(topic) ?? []).filter(({ connectionId }) => missed.has(connectionId));
    return position === undefined ? [] : owed.map((subscriber) => ({ ...debtTo(subscriber), topic, position }));
  });
  await noteDebts(debts.flat());
}

const debtTo = ({ connectionId, connectedAt, wildcard }: Subscriber) => ({
  connection: { connectionId, connectedAt },
  ...(wildcard === undefined ? {} : { wildcard }),
});

/**
 * The numbers of a topic's subscribers that get each frame by itself, and that get several frames in one `batch` frame.
 */
interface Audience {
  readonly single: number;
  readonly batch: number;
}

function audienceOf(subscribers: readonly Subscriber[]): Audience {
  const batch = subscribers.filter((subscriber) => subscriber.batch).length;
  return { single: subscribers.length - batch, batch };
}

/** Returns as many frames as one round of posts allows, and at least one. */
function upToBudget(frames: readonly TopicFrame[], audiences: ReadonlyMap<string, Audience>): readonly TopicFrame[] {
  let [posts, due] = [0, 0];
  const over = frames.findIndex(({ topic, text }, index) => {
    const { single, batch } = audiences.get(topic) ?? { single: 0, batch: 0 };
    // Batched frames need as many posts as their bytes fill: counting each as one post would leave the batches small.
    posts += single + (batch * byteLength(text)) / LIMITS.FRAME_BYTES;
    due += single + batch;
    return (posts > POSTS_PER_ROUND || due > DUE_FRAMES) && index > 0;
  });
  return over === -1 ? frames : frames.slice(0, over);
}

/** Gathers the frames that are due to each connection, in order. */
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

/** Whether a round of posts has to be delivered again: there was no time for some of them, or nobody was reached. */
const isUndone = (results: readonly DeliveryResult[]): boolean =>
  results.some(({ outcome }) => outcome === 'skipped') || isUnreached(results);

/** Whether a 410 of a connection means that it has ended, and not that its handshake is still in flight. */
export const isPastGrace = (connectedAt: number, nowMs: number): boolean => nowMs - connectedAt > CONNECT_GRACE_MS;

/**
 * Deletes the records of gone connections. A connection whose handshake may still be in flight answers 410, too, and
 * keeps them.
 */
async function removeGone(
  { removeConnection, report, now }: DeliverFramesDeps,
  results: readonly DeliveryResult[],
): Promise<void> {
  const gone = results.filter(
    ({ outcome, delivery }) => outcome === 'gone' && isPastGrace(delivery.connectedAt, now()),
  );
  await runBounded(gone, REMOVE_CONCURRENCY, async ({ delivery: { connectionId } }) => {
    // A failure is not worth delivering the batch again: the next delivery meets the same 410, and the records expire.
    await removeConnection(connectionId).catch((error: unknown) =>
      report({ event: 'remove-failed', error, subject: connectionId }),
    );
  });
}

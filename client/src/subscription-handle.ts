import type { MessageFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import { checkNumber } from './check-number.ts';
import { Emitter } from './emitter.ts';
import { MessageIterator } from './message-iterator.ts';
import { RealtimeError } from './realtime-error.ts';
import type { TopicReceiverDeps } from './topic-receiver.ts';
import type { HistoryOptions, SubscribeOptions, Subscription, SubscriptionEvents } from './subscription.ts';
import type {
  Clock,
  ClosedTopic,
  HistoryPage,
  Member,
  Message,
  Position,
  Presence,
  SubscriptionState,
} from './types.ts';

/** The subscription on the wire, which the handles of one topic share. */
export interface SharedSubscription {
  readonly topic: string;
  readonly state: SubscriptionState;
  readonly error: RealtimeError | undefined;
  readonly position: Position | undefined;
  /** The end of the topic, if it is closed and everything was delivered. Undefined for a wildcard. */
  readonly closedAt: Position | undefined;
  /** The presence of the topic. Undefined for a wildcard. */
  readonly presence: { readonly current: Presence | undefined; readonly members: readonly Member[] } | undefined;
  readonly request: TopicReceiverDeps['request'];
  readonly release: (handle: SubscriptionHandle) => void;
}

/** The state of a handle that joined later and waits for its history. */
interface Backfill {
  readonly history: Message[];
  /** Newer messages, held back until the history has come. */
  readonly newer: Message[];
  /** The end of the topic, which is told after the messages. */
  end?: ClosedTopic;
  /** The number of answers until the history is complete. */
  awaited: number;
  readonly cancelTimeout: () => void;
}

/** A subscription of the application: separate listeners and options over a shared subscription. */
export class SubscriptionHandle implements Subscription {
  readonly options: SubscribeOptions;
  readonly #shared: SharedSubscription;
  readonly #emitter = new Emitter<SubscriptionEvents<unknown>>();
  #isEnded = false;
  #backfill: Backfill | undefined;

  constructor(shared: SharedSubscription, options: SubscribeOptions) {
    this.#shared = shared;
    this.options = options;
    if (options.history !== undefined) checkNumber('history', options.history, [1, BOUNDS.HISTORY]);
  }

  get topic(): string {
    return this.#shared.topic;
  }

  get state(): SubscriptionState {
    return this.#isEnded ? 'ended' : this.#shared.state;
  }

  get error(): RealtimeError | undefined {
    return this.#isEnded ? undefined : this.#shared.error;
  }

  get position(): Position | undefined {
    return this.#shared.position;
  }

  get closedAt(): Position | undefined {
    return this.#backfill === undefined ? this.#shared.closedAt : undefined;
  }

  get presence(): Presence | undefined {
    return this.options.presence === true ? this.#shared.presence?.current : undefined;
  }

  members(): readonly Member[] {
    return this.options.presence === true ? (this.#shared.presence?.members ?? []) : [];
  }

  on<Name extends keyof SubscriptionEvents<unknown>>(
    name: Name,
    listener: (event: SubscriptionEvents<unknown>[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    return new MessageIterator(this);
  }

  async history({ before, limit = BOUNDS.HISTORY }: HistoryOptions): Promise<HistoryPage> {
    checkNumber('limit', limit, [1, BOUNDS.HISTORY]);
    if (this.#isEnded) throw new RealtimeError('closed', 'The subscription has ended.');
    if (this.error !== undefined) throw this.error;
    const { epoch, seq } = before;
    const found = await this.#shared.request({
      action: 'subscribe',
      topic: this.topic,
      before: { epoch, seq },
      history: limit,
    });
    const { messages = [], before: next, lost } = found;
    return { messages: messages.map(messageOf), before: next, more: next !== undefined, complete: lost !== true };
  }

  unsubscribe(): void {
    if (this.#isEnded) return;
    this.end();
    this.#shared.release(this);
  }

  /** Reports the end. No event follows, not even of a frame that is being processed. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#emitter.emit('state', 'ended');
    this.#emitter.clear();
    this.stopBackfill();
  }

  emit<Name extends keyof SubscriptionEvents<unknown>>(name: Name, event: SubscriptionEvents<unknown>[Name]): void {
    this.#emitter.emit(name, event);
  }

  /** Emits what the others were told before, when this handle has joined later. */
  tellState(): void {
    const { topic, state, position } = this.#shared;
    if (state === 'live' && position !== undefined) this.emit('subscribed', { topic, ...position, recovered: true });
    const { presence } = this;
    const { closedAt } = this.#shared;
    if (closedAt !== undefined) this.tellEnd({ topic, ...closedAt });
    if (presence === undefined) return;
    this.emit('presence', { topic, joined: [...presence.members], left: [], ...presence });
    for (const member of this.members()) this.emit('join', member);
  }

  /** Reports that a topic is closed, after the messages that are held back. */
  tellEnd(end: ClosedTopic): void {
    if (this.#backfill === undefined) this.emit('closed', end);
    else this.#backfill.end = end;
  }

  deliver(message: Message): void {
    if (this.#backfill === undefined) return this.emit('message', message);
    // A missing history is better than messages that wait without a bound.
    if (this.#backfill.newer.push(message) >= BOUNDS.BUFFERED_MESSAGES) this.stopBackfill();
  }

  /**
   * Holds messages back until the history of this handle has come with the last of `awaited` answers, or for a while.
   */
  startBackfill(clock: Clock, awaited: number): void {
    const cancelTimeout = clock.after(BOUNDS.SUBSCRIBE_RETRY_MS, () => this.stopBackfill());
    this.#backfill = { history: [], newer: [], awaited, cancelTimeout };
  }

  /** Starts to hold messages back if this handle asks for history, when the URL has subscribed to the topic as well. */
  expectHistory(clock: Clock): void {
    if (this.options.history !== undefined) this.startBackfill(clock, 2);
  }

  /**
   * Takes the messages of an answer that are older than all delivered ones: the shared subscription drops them as
   * repeats.
   */
  takeHistory({ messages = [], more }: SubscribedFrame, position: Position | undefined): void {
    const backfill = this.#backfill;
    if (backfill === undefined) return;
    const { history, newer } = backfill;
    // After a change of the epoch, nothing can be put before what is held back.
    if (position !== undefined && (newer[0] ?? position).epoch === position.epoch) {
      const [from, to] = [history.at(-1)?.seq ?? 0, newer[0]?.seq ?? position.seq + 1];
      const older = messages.filter(({ epoch, seq }) => epoch === position.epoch && seq > from && seq < to);
      history.push(...older.map(messageOf));
    }
    if (more !== true) backfill.awaited -= 1;
    if (backfill.awaited === 0) this.stopBackfill();
  }

  /** Delivers what was held back. */
  stopBackfill(): void {
    if (this.#backfill === undefined) return;
    const { history, newer, cancelTimeout, end } = this.#backfill;
    cancelTimeout();
    this.#backfill = undefined;
    for (const message of [...history, ...newer]) this.emit('message', message);
    if (end !== undefined) this.emit('closed', end);
  }
}

/** Returns the message of a frame, as listeners receive it. */
export const messageOf = ({ topic, epoch, seq, data, publishedAt, from }: MessageFrame): Message => ({
  topic,
  epoch,
  seq,
  data,
  publishedAt,
  ...(from !== undefined && { from }),
});

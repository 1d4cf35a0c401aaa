import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import type { MessageFrame, StateFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import { Emitter } from './emitter.ts';
import type { Follower, FollowerDeps, FollowerEvents } from './follower.ts';
import { MessageOrder } from './message-order.ts';
import { Subscribing } from './subscribing.ts';
import type { Gap, Message, Position, Subscribed, SubscriptionState } from './types.ts';

export interface SubscribeOptions {
  /** Begin with the last so many messages, at most 100. Default: none. */
  readonly history?: number;
  /** Let the server send several messages in one frame. */
  readonly batch?: boolean;
}

export interface SubscriptionEvents extends FollowerEvents {
  /** Each message once, in the order of `seq`. */
  readonly message: Message;
  readonly subscribed: Subscribed;
  readonly gap: Gap;
}

/** One topic, followed through every reconnect. */
export interface Subscription {
  readonly topic: string;
  readonly state: SubscriptionState;
  readonly position: Position | undefined;
  /** Calls `listener` at each such event; what it returns ends that. */
  on<Name extends keyof SubscriptionEvents>(
    name: Name,
    listener: (event: SubscriptionEvents[Name]) => void,
  ): () => void;
  unsubscribe(): void;
}

export class TopicSubscription implements Subscription, Follower {
  readonly topic: string;
  readonly #deps: FollowerDeps;
  readonly #options: SubscribeOptions;
  readonly #emitter = new Emitter<SubscriptionEvents>();
  readonly #subscribing: Subscribing;
  readonly #order = new MessageOrder((message) => this.#emitter.emit('message', messageOf(message)));
  /** How often in a row a catch-up did not bring what was missing. */
  #vainCatchUps = 0;

  constructor(deps: FollowerDeps, topic: string, options: SubscribeOptions) {
    this.topic = topic;
    this.#deps = deps;
    this.#options = options;
    this.#subscribing = new Subscribing({
      clock: deps.clock,
      request: deps.request,
      frame: () => this.#frame(),
      onState: (state) => this.#emitter.emit('state', state),
      onError: (error) => this.#emitter.emit('error', error),
    });
  }

  get state(): SubscriptionState {
    return this.#subscribing.state;
  }

  get position(): Position | undefined {
    return this.#order.position;
  }

  get isPlain(): boolean {
    return this.#options.history === undefined && this.#options.batch !== true && this.position === undefined;
  }

  on<Name extends keyof SubscriptionEvents>(
    name: Name,
    listener: (event: SubscriptionEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  unsubscribe(): void {
    if (this.state === 'ended') return;
    this.close();
    this.#deps.release(this);
  }

  online(inUrl: boolean): void {
    if (inUrl) this.#subscribing.await();
    else this.#subscribing.ask();
  }

  offline(): void {
    this.#subscribing.offline();
  }

  close(): void {
    this.#subscribing.end();
  }

  receive(frame: MessageFrame | StateFrame | SubscribedFrame): void {
    if (frame.type === 'message') this.#live(frame);
    if (frame.type === 'subscribed') this.#caughtUp(frame);
  }

  /** A message of one's own that the server keeps from its publisher. */
  published(position: Position): void {
    this.#order.own(position);
  }

  #live(message: MessageFrame): void {
    // Until it is known where the topic stands, nothing can be said to be missing.
    if (this.position === undefined) this.#order.hold(message);
    else if (!this.#order.live(message) && this.state === 'live') this.#subscribing.ask();
  }

  #caughtUp(frame: SubscribedFrame): void {
    if (this.state !== 'subscribing' && this.#skips(frame)) return this.#subscribing.ask();
    const before = this.position;
    const caught = this.#order.caughtUp(frame);
    if (caught.outcome === 'more') return;
    const { topic, epoch, seq, recovered } = frame;
    this.#emitter.emit('subscribed', { topic, epoch, seq, recovered });
    if (caught.outcome === 'lost') this.#emitter.emit('gap', { topic, last: caught.last, now: caught.now });
    this.#settle(before);
  }

  /** An answer to nothing that was asked now: it may tell from another position than this one. */
  #skips({ seq, messages = [], recovered }: SubscribedFrame): boolean {
    const { position } = this;
    if (position === undefined || !recovered) return false;
    const missed = seq - position.seq;
    return missed > messages.filter((message) => message.seq > position.seq).length;
  }

  #settle(before: Position | undefined): void {
    if (this.#order.release()) {
      this.#vainCatchUps = 0;
      return this.#subscribing.done();
    }
    const advanced = before?.seq !== this.position?.seq || before?.epoch !== this.position?.epoch;
    this.#vainCatchUps = advanced ? 0 : this.#vainCatchUps + 1;
    if (this.#vainCatchUps < MAX_VAIN_CATCH_UPS) return this.#subscribing.ask();
    // The retry timer goes on asking, at its own pace.
    this.#subscribing.await();
  }

  #frame(): SubscribeFrame {
    const { history, batch } = this.#options;
    const { position } = this;
    return {
      action: 'subscribe',
      topic: this.topic,
      ...(position === undefined ? {} : { position }),
      ...(position !== undefined || history === undefined ? {} : { history }),
      ...(batch === true ? { batch } : {}),
    };
  }
}

/** Then asking at once again is of no use. */
const MAX_VAIN_CATCH_UPS = 3;

const messageOf = ({ topic, epoch, seq, data, publishedAt }: MessageFrame): Message => ({
  topic,
  epoch,
  seq,
  data,
  publishedAt,
});

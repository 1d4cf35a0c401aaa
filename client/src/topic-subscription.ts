import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import type { MessageFrame, PresenceFrame, StateFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import { EchoFilter } from './echo-filter.ts';
import { Emitter } from './emitter.ts';
import type { Follower, FollowerDeps } from './follower.ts';
import { Members } from './members.ts';
import { MessageIterator } from './message-iterator.ts';
import { MessageOrder } from './message-order.ts';
import { Subscribing } from './subscribing.ts';
import type { SubscribeOptions, Subscription, SubscriptionEvents } from './subscription.ts';
import type { Message, Position, Presence, SubscriptionState } from './types.ts';

export class TopicSubscription implements Subscription, Follower {
  readonly topic: string;
  readonly #deps: FollowerDeps;
  readonly #options: SubscribeOptions;
  readonly #emitter = new Emitter<SubscriptionEvents<unknown>>();
  readonly #subscribing: Subscribing;
  readonly #echoFilter: EchoFilter;
  readonly #order: MessageOrder;
  readonly #members = new Members();
  /** Asked without a position, and not answered as far as is known: their answers begin anywhere. */
  #bareAsks = 0;
  /** How often in a row a catch-up did not bring what was missing. */
  #vainCatchUps = 0;
  /** Where it stood when it was interrupted; undefined when it is not. */
  #interruptedAt: Position | undefined;

  constructor(deps: FollowerDeps, topic: string, options: SubscribeOptions) {
    this.topic = topic;
    this.#deps = deps;
    this.#options = options;
    this.#echoFilter = new EchoFilter({
      deliver: (message) => this.#emitter.emit('message', messageOf(message)),
      isRenewing: deps.isRenewing,
    });
    this.#order = new MessageOrder((message) => this.#echoFilter.take(message));
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

  get presence(): Presence | undefined {
    return this.#members.presence;
  }

  get isPlain(): boolean {
    const { history, batch = true, presence = false } = this.#options;
    return history === undefined && batch && !presence && this.position === undefined;
  }

  get isSettled(): boolean {
    return !this.#subscribing.isWaiting;
  }

  on<Name extends keyof SubscriptionEvents<unknown>>(
    name: Name,
    listener: (event: SubscriptionEvents<unknown>[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    return this.state === 'ended' ? MessageIterator.ended(this) : new MessageIterator(this);
  }

  unsubscribe(): void {
    if (this.state === 'ended') return;
    this.close();
    this.#deps.release(this);
  }

  online(inUrl: boolean): void {
    if (inUrl) this.#bareAsks += 1;
    if (inUrl) this.#subscribing.await();
    else this.#subscribing.ask();
  }

  offline(): void {
    this.#bareAsks = 0;
    this.#echoFilter.suspect();
    this.#interruptedAt ??= this.position;
    this.#subscribing.offline();
  }

  renew(inUrl: boolean): void {
    this.#echoFilter.suspect();
    if (inUrl) this.#bareAsks += 1;
    this.#subscribing.renew(inUrl);
  }

  renewalFailed(): void {
    if (!this.isSettled) this.#subscribing.renew(false);
  }

  close(): void {
    this.#subscribing.end();
  }

  receive(frame: MessageFrame | StateFrame | SubscribedFrame | PresenceFrame): void {
    if (frame.type === 'presence') this.#counted(frame);
    if (frame.type === 'message') this.#live(frame);
    if (frame.type === 'subscribed') this.#caughtUp(frame);
  }

  /** A publish of one's own begins that the server keeps from its publisher; what it returns is told how it ended. */
  publishing(): (own: Position | undefined) => void {
    const end = this.#echoFilter.begin();
    return (own) => {
      if (own !== undefined) this.#order.own(own);
      end(own);
    };
  }

  #counted(frame: PresenceFrame): void {
    if (!this.#members.take(frame, frame.self !== undefined)) return;
    const { topic, presence } = this;
    const { joined, left } = frame;
    if (presence !== undefined) this.#emitter.emit('presence', { topic, joined, left, ...presence });
  }

  #live(message: MessageFrame): void {
    // Until it is known where the topic stands, nothing can be said to be missing.
    if (this.position === undefined) this.#order.hold(message);
    else if (!this.#order.live(message) && this.isSettled) this.#askAgain();
  }

  #askAgain(): void {
    this.#interruptedAt ??= this.position;
    this.#subscribing.ask();
  }

  #caughtUp(frame: SubscribedFrame): void {
    if (this.#order.isLate(frame)) return this.#askAgain();
    if (this.#skips(frame)) return this.#ignore(frame);
    const before = this.position;
    const caught = this.#order.caughtUp(frame);
    if (caught.outcome === 'more') return;
    if (before === undefined) this.#bareAsks -= 1;
    const { topic, epoch, seq, recovered } = frame;
    // A connection that is replaced in time is nobody's concern.
    const isTold = this.state === 'subscribing' || caught.outcome === 'lost';
    if (isTold) this.#emitter.emit('subscribed', { topic, epoch, seq, recovered });
    if (caught.outcome === 'lost') this.#lost(caught);
    this.#settle(before);
  }

  #lost({ last, now }: { readonly last: Position; readonly now: Position }): void {
    const { topic } = this;
    this.#interruptedAt = undefined;
    this.#emitter.emit('gap', { topic, last, now });
    const lost = last.epoch === now.epoch ? now.seq - last.seq : undefined;
    this.#emitter.emit('recovered', { topic, recovered: false, last, now, lost });
  }

  /**
   * Its messages do not begin where this subscription stands: what is between would be lost without a word. It answers another
   * connection's question, or is the rest of an answer whose beginning was not taken. One's own answer is still to come.
   */
  #ignore({ more }: SubscribedFrame): void {
    if (more === true || !(this.isSettled || this.#bareAsks > 0)) return;
    this.#bareAsks = Math.max(0, this.#bareAsks - 1);
    this.#askAgain();
  }

  /** Whether between this position and its messages something is missing. */
  #skips({ seq, messages = [], recovered }: SubscribedFrame): boolean {
    const { position } = this;
    if (position === undefined || !recovered) return false;
    const missed = seq - position.seq;
    return missed > messages.filter((message) => message.seq > position.seq).length;
  }

  #settle(before: Position | undefined): void {
    if (this.#order.release()) {
      this.#vainCatchUps = 0;
      this.#subscribing.done();
      return this.#recovered();
    }
    const advanced = before?.seq !== this.position?.seq || before?.epoch !== this.position?.epoch;
    this.#vainCatchUps = advanced ? 0 : this.#vainCatchUps + 1;
    if (this.#vainCatchUps < MAX_VAIN_CATCH_UPS) return this.#askAgain();
    // The retry timer goes on asking, at its own pace.
    this.#subscribing.await();
  }

  #recovered(): void {
    const { topic, position: now } = this;
    const last = this.#interruptedAt;
    this.#interruptedAt = undefined;
    if (last === undefined || now === undefined) return;
    this.#emitter.emit('recovered', { topic, recovered: true, last, now, lost: 0 });
  }

  #frame(): SubscribeFrame {
    const { history, batch = true, presence } = this.#options;
    const position = this.#order.ask();
    if (position === undefined) this.#bareAsks += 1;
    return {
      action: 'subscribe',
      topic: this.topic,
      ...(position === undefined ? {} : { position }),
      ...(position !== undefined || history === undefined ? {} : { history }),
      ...(batch ? { batch } : {}),
      ...(presence === true ? { presence } : {}),
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

import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import type { MessageFrame, PresenceFrame, StateFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import { EchoFilter } from './echo-filter.ts';
import { Emitter } from './emitter.ts';
import type { TopicHandler, TopicHandlerDeps } from './topic-handler.ts';
import { Members } from './members.ts';
import { MessageIterator } from './message-iterator.ts';
import { MessageOrder } from './message-order.ts';
import { Subscribing } from './subscribing.ts';
import type { SubscribeOptions, Subscription, SubscriptionEvents } from './subscription.ts';
import type { Message, Position, Presence, SubscriptionState } from './types.ts';

export class TopicSubscription implements Subscription, TopicHandler {
  readonly topic: string;
  readonly #deps: TopicHandlerDeps;
  readonly #options: SubscribeOptions;
  readonly #emitter = new Emitter<SubscriptionEvents<unknown>>();
  readonly #subscribing: Subscribing;
  readonly #echoFilter: EchoFilter;
  readonly #order: MessageOrder;
  readonly #members = new Members();
  /** The number of open requests without a position. Their answers may start at any seq. */
  #openRequestsWithoutPosition = 0;
  /** The number of catch-ups in a row that did not bring the missing messages. */
  #failedCatchUps = 0;
  /** The position at the interruption; undefined when there is none. */
  #interruptedAt: Position | undefined;

  constructor(deps: TopicHandlerDeps, topic: string, options: SubscribeOptions) {
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
    if (inUrl) this.#openRequestsWithoutPosition += 1;
    if (inUrl) this.#subscribing.expect();
    else this.#subscribing.request();
  }

  offline(): void {
    this.#openRequestsWithoutPosition = 0;
    this.#echoFilter.connectionReplaced();
    this.#interruptedAt ??= this.position;
    this.#subscribing.offline();
  }

  renew(inUrl: boolean): void {
    this.#echoFilter.connectionReplaced();
    if (inUrl) this.#openRequestsWithoutPosition += 1;
    this.#subscribing.renew(inUrl);
  }

  renewalFailed(): void {
    if (!this.isSettled) this.#subscribing.renew(false);
  }

  close(): void {
    this.#subscribing.end();
  }

  receive(frame: MessageFrame | StateFrame | SubscribedFrame | PresenceFrame): void {
    if (frame.type === 'presence') this.#receivePresence(frame);
    if (frame.type === 'message') this.#receiveMessage(frame);
    if (frame.type === 'subscribed') this.#receiveSubscribed(frame);
  }

  /** Registers a publish with `echo: false`. Call the returned function with its position, or undefined when it failed. */
  startSilentPublish(): (own: Position | undefined) => void {
    const end = this.#echoFilter.begin();
    return (own) => {
      if (own !== undefined) this.#order.skipOwn(own);
      end(own);
    };
  }

  #receivePresence(frame: PresenceFrame): void {
    if (!this.#members.take(frame, frame.self !== undefined)) return;
    const { topic, presence } = this;
    const { joined, left } = frame;
    if (presence !== undefined) this.#emitter.emit('presence', { topic, joined, left, ...presence });
  }

  #receiveMessage(message: MessageFrame): void {
    // Before the first position is known, no message can be called missing.
    if (this.position === undefined) this.#order.buffer(message);
    else if (!this.#order.takeLive(message) && this.isSettled) this.#requestAgain();
  }

  #requestAgain(): void {
    this.#interruptedAt ??= this.position;
    this.#subscribing.request();
  }

  #receiveSubscribed(frame: SubscribedFrame): void {
    if (this.#order.isLate(frame)) return this.#requestAgain();
    if (this.#hasHole(frame)) return this.#ignore(frame);
    const before = this.position;
    const caught = this.#order.catchUp(frame);
    if (caught.outcome === 'more') return;
    if (before === undefined) this.#openRequestsWithoutPosition -= 1;
    const { topic, epoch, seq, recovered } = frame;
    // A connection that is replaced in time is not reported.
    const isReported = this.state === 'subscribing' || caught.outcome === 'lost';
    if (isReported) this.#emitter.emit('subscribed', { topic, epoch, seq, recovered });
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
   * Ignores an answer whose messages do not begin at the current position: the messages between would be lost silently. The
   * answer belongs to a request of another connection, or is the rest of one whose beginning was not taken. The answer to this
   * subscription's request is still to come.
   */
  #ignore({ more }: SubscribedFrame): void {
    if (more === true || !(this.isSettled || this.#openRequestsWithoutPosition > 0)) return;
    this.#openRequestsWithoutPosition = Math.max(0, this.#openRequestsWithoutPosition - 1);
    this.#requestAgain();
  }

  /** Whether messages are missing between the current position and those of the answer. */
  #hasHole({ seq, messages = [], recovered }: SubscribedFrame): boolean {
    const { position } = this;
    if (position === undefined || !recovered) return false;
    const missed = seq - position.seq;
    return missed > messages.filter((message) => message.seq > position.seq).length;
  }

  #settle(before: Position | undefined): void {
    if (this.#order.release()) {
      this.#failedCatchUps = 0;
      this.#subscribing.done();
      return this.#recovered();
    }
    const advanced = before?.seq !== this.position?.seq || before?.epoch !== this.position?.epoch;
    this.#failedCatchUps = advanced ? 0 : this.#failedCatchUps + 1;
    if (this.#failedCatchUps < MAX_FAILED_CATCH_UPS) return this.#requestAgain();
    // The retry timer goes on with its own pauses.
    this.#subscribing.expect();
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
    const position = this.#order.startRequest();
    if (position === undefined) this.#openRequestsWithoutPosition += 1;
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

/** The number of failed catch-ups in a row after which the next request waits for the retry timer. */
const MAX_FAILED_CATCH_UPS = 3;

const messageOf = ({ topic, epoch, seq, data, publishedAt }: MessageFrame): Message => ({
  topic,
  epoch,
  seq,
  data,
  publishedAt,
});

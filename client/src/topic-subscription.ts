import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import type { MessageFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import { MessageOrder } from './message-order.ts';
import { subscribeFrameOf } from './subscribe-frame.ts';
import type { SubscriptionHandle } from './subscription-handle.ts';
import { isOtherEffect, type UnitedOptions } from './subscription-handles.ts';
import { TopicPresence } from './topic-presence.ts';
import type { TopicFrames, TopicReceiverDeps } from './topic-receiver.ts';
import type { Position } from './types.ts';
import type { UrlTopic } from './url-with-topics.ts';
import { MAX_FAILED_CATCH_UPS, WireSubscription } from './wire-subscription.ts';

/** The subscription to one topic on the wire. The handles of the application share it. */
export class TopicSubscription extends WireSubscription {
  readonly #order = new MessageOrder((message) => this.echoFilter.take(message));
  readonly presence: TopicPresence;
  /** The number of open requests without a position. Their answers may start at any seq. */
  #openRequestsWithoutPosition = 0;
  /** The history that the next request asks for, for a handle that joined later. */
  #backfill: number | undefined;
  /** The number of catch-ups in a row that did not bring the missing messages. */
  #failedCatchUps = 0;
  /** The position that the URL of the next connection names. */
  #urlPosition: Position | undefined;
  /** The position at the interruption; undefined when there is none. */
  #interruptedAt: Position | undefined;

  constructor(deps: TopicReceiverDeps, topic: string) {
    super(deps, topic);
    this.presence = new TopicPresence(topic, this.handles, {
      ...deps,
      isReady: () => deps.isOnline() && this.state === 'live' && !this.requests.isWaiting,
      onError: (error) => this.handles.emit('error', error),
    });
  }

  get position(): Position | undefined {
    return this.#order.position;
  }

  get closedAt(): Position | undefined {
    return this.#order.closedAt;
  }

  /** Returns the topic with the position that it has now, and remembers that the URL names it. */
  forUrl(): UrlTopic | undefined {
    if (!this.#fitsUrl) return undefined;
    this.#urlPosition = this.#order.startRequest();
    return { topic: this.topic, position: this.#urlPosition };
  }

  /** Whether the URL can subscribe as a frame would: none of the options needs one. */
  get #fitsUrl(): boolean {
    const { history, batch, presence } = this.handles.options;
    const isHistoryHere = history === undefined || this.position !== undefined;
    return batch && !presence && isHistoryHere && this.#backfill === undefined;
  }

  override release(handle: SubscriptionHandle): void {
    super.release(handle);
    if (!this.handles.options.presence) this.presence.forget();
  }

  online(inUrl: boolean): void {
    this.presence.connectionReplaced();
    this.#expectUrl(inUrl);
    if (inUrl && this.#fitsUrl) return this.requests.expect();
    // The URL was made before the options were known. Its answer may come before the one with the history.
    if (inUrl) this.handles.each((handle) => handle.expectHistory(this.deps.clock));
    this.requests.request();
  }

  offline(): void {
    this.#openRequestsWithoutPosition = 0;
    this.handles.each((handle) => handle.stopBackfill());
    this.echoFilter.connectionReplaced();
    this.#interruptedAt ??= this.position;
    this.requests.offline();
  }

  renew(inUrl: boolean): void {
    this.presence.connectionReplaced();
    this.echoFilter.connectionReplaced();
    this.#expectUrl(inUrl);
    this.requests.renew(inUrl && this.#fitsUrl);
  }

  receive(frame: TopicFrames): void {
    if (frame.type === 'presence' || frame.type === 'members') this.presence.receive(frame);
    if (frame.type === 'message') this.#receiveMessage(frame);
    if (frame.type === 'subscribed') this.#receiveSubscribed(frame);
  }

  #expectUrl(inUrl: boolean): void {
    if (inUrl && this.#urlPosition === undefined) this.#openRequestsWithoutPosition += 1;
    this.#urlPosition = undefined;
  }

  protected orderOf(): MessageOrder {
    return this.#order;
  }

  /** Asks the server for what the new handle needs and the others have not asked for. */
  protected joined(handle: SubscriptionHandle, before: UnitedOptions): void {
    const { history = 0 } = handle.options;
    const isBackfill =
      this.position === undefined ? history > (before.history ?? 0) : history > 0 && this.position.seq > 0;
    if (isBackfill) {
      this.#backfill = Math.max(history, this.#backfill ?? 0);
      handle.startBackfill(this.deps.clock, this.requests.isWaiting ? 2 : 1);
    }
    if (isBackfill || isOtherEffect(before, this.handles.options)) this.requests.renew(false);
  }

  #receiveMessage(message: MessageFrame): void {
    this.#order.learnEnd(message);
    // Before the first position is known, no message can be called missing.
    if (this.position === undefined) this.#order.buffer(message);
    else if (!this.#order.takeLive(message) && !this.requests.isWaiting) this.#requestAgain();
    this.tellEnd(this.topic);
  }

  #requestAgain(): void {
    this.#interruptedAt ??= this.position;
    this.requests.request();
  }

  #receiveSubscribed(frame: SubscribedFrame): void {
    if (this.#order.isLate(frame)) return this.#requestAgain();
    this.handles.each((handle) => handle.takeHistory(frame, this.position));
    if (this.#order.hasHole(frame)) return this.#ignore(frame);
    const before = this.position;
    const caught = this.#order.catchUp(frame);
    if (caught.outcome === 'more') return;
    this.#order.learnEnd(frame);
    if (before === undefined) this.#openRequestsWithoutPosition -= 1;
    const { topic, epoch, seq, recovered } = frame;
    // A connection that is replaced in time is not reported.
    const isReported = this.state === 'subscribing' || caught.outcome === 'lost';
    if (isReported) this.handles.emit('subscribed', { topic, epoch, seq, recovered });
    if (caught.outcome === 'lost') {
      this.#interruptedAt = undefined;
      this.lost(topic, caught);
    }
    this.#settle(before);
    this.tellEnd(topic);
  }

  /**
   * Ignores an answer whose messages do not begin at the current position: the messages between would be lost silently.
   * The answer belongs to a request of another connection, or is the rest of one whose beginning was not taken. The
   * answer to this subscription's request is still to come.
   */
  #ignore({ more }: SubscribedFrame): void {
    if (more === true || (this.requests.isWaiting && this.#openRequestsWithoutPosition <= 0)) return;
    this.#openRequestsWithoutPosition = Math.max(0, this.#openRequestsWithoutPosition - 1);
    this.#requestAgain();
  }

  #settle(before: Position | undefined): void {
    if (this.#order.release()) {
      this.#failedCatchUps = 0;
      this.requests.done();
      this.presence.subscribed();
      return this.#recovered();
    }
    const advanced = before?.seq !== this.position?.seq || before?.epoch !== this.position?.epoch;
    this.#failedCatchUps = advanced ? 0 : this.#failedCatchUps + 1;
    if (this.#failedCatchUps < MAX_FAILED_CATCH_UPS) return this.#requestAgain();
    // The retry timer goes on with its own pauses.
    this.requests.expect();
  }

  #recovered(): void {
    const { topic, position: now } = this;
    const last = this.#interruptedAt;
    this.#interruptedAt = undefined;
    if (last === undefined || now === undefined) return;
    this.handles.emit('recovered', { topic, recovered: true, last, now, lost: 0 });
  }

  protected frame(): SubscribeFrame {
    const backfill = this.#backfill;
    this.#backfill = undefined;
    const { options } = this.handles;
    const history = backfill ?? options.history;
    const position = backfill === undefined ? this.#order.startRequest() : undefined;
    if (position === undefined) this.#openRequestsWithoutPosition += 1;
    return subscribeFrameOf(this.topic, { ...options, history }, position);
  }
}

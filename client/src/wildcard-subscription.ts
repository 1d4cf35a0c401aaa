import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import type { MessageFrame, SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import { MessageOrder } from './message-order.ts';
import { subscribeFrameOf } from './subscribe-frame.ts';
import type { SubscriptionHandle } from './subscription-handle.ts';
import { isOtherEffect, type UnitedOptions } from './subscription-handles.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import type { TopicFrames } from './topic-receiver.ts';
import type { Position } from './types.ts';
import type { UrlTopic } from './url-with-topics.ts';
import { MAX_FAILED_CATCH_UPS, WireSubscription } from './wire-subscription.ts';

/** The position of a wildcard, which has none: a ping names it to learn whether the subscription still exists. */
const NOWHERE: Position = { epoch: null, seq: 0 };

/**
 * The subscription to a wildcard on the wire. The handles of the application share it. Each topic under the wildcard
 * has an order from its first message on; of more than `WILDCARD_TOPICS` topics the one seen longest ago is forgotten.
 */
export class WildcardSubscription extends WireSubscription {
  readonly presence = undefined;
  readonly closedAt = undefined;
  /** The orders by topic, the one seen longest ago first. */
  readonly #orders = new Map<string, MessageOrder>();
  /** The topics of which messages may be missing, and which the next request names. */
  readonly #missing = new Set<string>();
  /** The positions by topic that requests named last. */
  readonly #named = new Map<string, Position>();
  /** The topics that the last request named. */
  #asked: readonly string[] = [];
  /** Whether everything is known of each topic that was ever seen. */
  #isWhole = true;
  /** The number of answers in a row after which messages were still missing. */
  #failedCatchUps = 0;

  get position(): Position | undefined {
    return this.state === 'live' ? NOWHERE : undefined;
  }

  forUrl(): UrlTopic | undefined {
    // Positions in topics under the wildcard take a frame.
    return this.handles.options.batch && this.#orders.size === 0 ? { topic: this.topic } : undefined;
  }

  /** Adds a handle. Throws for options that are about one topic. */
  override attach(options: SubscribeOptions): Subscription {
    if (options.history !== undefined || options.presence === true)
      throw new TypeError('A wildcard has neither history nor presence.');
    return super.attach(options);
  }

  online(inUrl: boolean): void {
    if (inUrl && this.forUrl() !== undefined) this.requests.expect();
    else this.requests.request();
  }

  offline(): void {
    this.echoFilter.connectionReplaced();
    this.#missAll();
    this.requests.offline();
  }

  renew(inUrl: boolean): void {
    this.echoFilter.connectionReplaced();
    this.#missAll();
    this.requests.renew(inUrl && this.forUrl() !== undefined);
  }

  receive(frame: TopicFrames): void {
    if (frame.type === 'message') this.#receiveMessage(frame);
    if (frame.type !== 'subscribed') return;
    if (frame.topic === this.topic) this.#answered();
    else this.#receiveMissed(frame);
  }

  /** Returns the positions in the topics seen last, at most `limit`. */
  positionsSeen(limit: number): [string, Position][] {
    const seen = limit > 0 ? [...this.#orders].slice(-limit) : [];
    return seen.flatMap(([topic, { position }]) => (position === undefined ? [] : [[topic, position]]));
  }

  #receiveMessage(message: MessageFrame): void {
    const { topic, epoch, seq } = message;
    const order = this.#orders.get(topic) ?? this.#begin(topic, { epoch, seq: seq - 1 });
    // The order of the map is the order of the last messages.
    this.#orders.delete(topic);
    this.#orders.set(topic, order);
    order.learnEnd(message);
    if (!order.takeLive(message)) this.#miss(topic);
    this.tellEnd(topic);
  }

  /** Begins the order of a topic before its first message. */
  #begin(topic: string, position: Position): MessageOrder {
    const [oldest] = this.#orders.keys();
    if (oldest !== undefined && this.#orders.size >= BOUNDS.WILDCARD_TOPICS) {
      this.#orders.delete(oldest);
      this.#missing.delete(oldest);
      this.#named.delete(oldest);
      this.#isWhole = false;
    }
    const order = new MessageOrder((message) => this.echoFilter.take(message));
    order.catchUp({ type: 'subscribed', topic, ...position, recovered: true });
    return order;
  }

  /** Asks for what is missing of a topic; after the answer to a request that is open. */
  #miss(topic: string): void {
    this.#missing.add(topic);
    if (!this.requests.isWaiting) this.requests.renew(false);
  }

  #missAll(): void {
    for (const topic of this.#orders.keys()) this.#missing.add(topic);
  }

  /**
   * Takes the messages that were missed of one topic. A frame for another subscription counts where it continues what
   * is known here, and is never a reason to ask.
   */
  #receiveMissed(frame: SubscribedFrame): void {
    const { topic, recovered, epoch, wildcard, lastValueOnly } = frame;
    const order = this.#orders.get(topic);
    if (order === undefined) return;
    const named = this.#named.get(topic);
    const last = named ?? order.position;
    const isOfOrder = epoch === order.position?.epoch || (lastValueOnly === true && !order.isLate(frame));
    const continues = recovered && isOfOrder && !order.hasHole(frame);
    const isLost = wildcard !== undefined && !recovered && named !== undefined && !order.isLate(frame);
    if (!continues && !isLost) return wildcard === undefined ? undefined : this.#miss(topic);
    const caught = order.catchUp(frame);
    if (caught.outcome === 'more') return;
    order.learnEnd(frame);
    if (order.release()) this.#missing.delete(topic);
    this.tellEnd(topic);
    if (caught.outcome === 'lost') {
      this.#isWhole = false;
      return this.lost(topic, caught);
    }
    const now = order.position;
    if (last !== undefined && now !== undefined && last.seq !== now.seq)
      this.handles.emit('recovered', { topic, recovered: true, last, now, lost: 0 });
  }

  protected orderOf(topic: string): MessageOrder | undefined {
    return this.#orders.get(topic);
  }

  protected joined(_handle: SubscriptionHandle, before: UnitedOptions): void {
    if (isOtherEffect(before, this.handles.options)) this.requests.renew(false);
  }

  /**
   * Takes the end of an answer. A topic that it was asked for misses nothing any more if no message waits for another.
   */
  #answered(): void {
    for (const topic of this.#asked) if (this.#orders.get(topic)?.release() !== false) this.#missing.delete(topic);
    this.#asked = [];
    if (this.state === 'subscribing') {
      this.handles.emit('subscribed', { topic: this.topic, ...NOWHERE, recovered: this.#isWhole });
      this.#isWhole = true;
    }
    this.requests.done();
    this.#failedCatchUps = this.#missing.size === 0 ? 0 : this.#failedCatchUps + 1;
    // Past the bound the retry timer asks.
    if (this.#missing.size > 0) this.requests.renew(this.#failedCatchUps >= MAX_FAILED_CATCH_UPS);
  }

  /** Returns the request, which names the topics seen last. Another one shows with its next message what is missing. */
  protected frame(): SubscribeFrame {
    const missing = [...this.#orders.keys()].filter((topic) => this.#missing.has(topic));
    this.#asked = missing.slice(-BOUNDS.WILDCARD_POSITIONS);
    this.#isWhole &&= this.#asked.length === missing.length;
    this.#missing.clear();
    const positions: Record<string, Position> = {};
    for (const topic of this.#asked) {
      this.#missing.add(topic);
      positions[topic] = this.#orders.get(topic)?.startRequest() ?? NOWHERE;
      this.#named.set(topic, positions[topic]);
    }
    const frame = subscribeFrameOf(this.topic, this.handles.options, undefined);
    return this.#asked.length === 0 ? frame : { ...frame, positions };
  }
}

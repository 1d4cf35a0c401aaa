import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import { EchoFilter } from './echo-filter.ts';
import type { MessageOrder } from './message-order.ts';
import type { RealtimeError } from './realtime-error.ts';
import { SubscribeRequests } from './subscribe-requests.ts';
import { messageOf, type SharedSubscription, SubscriptionHandle } from './subscription-handle.ts';
import { isOtherEffect, SubscriptionHandles, type UnitedOptions } from './subscription-handles.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import type { TopicPresence } from './topic-presence.ts';
import type { TopicFrames, TopicReceiver, TopicReceiverDeps } from './topic-receiver.ts';
import type { Position, SubscriptionState } from './types.ts';
import type { UrlTopic } from './url-with-topics.ts';

/** A subscription on the wire, to a topic or a wildcard. The handles of the application share it. */
export abstract class WireSubscription implements TopicReceiver, SharedSubscription {
  readonly topic: string;
  readonly request: TopicReceiverDeps['request'];
  readonly requests: SubscribeRequests;
  protected readonly deps: TopicReceiverDeps;
  protected readonly handles = new SubscriptionHandles();
  protected readonly echoFilter: EchoFilter;

  constructor(deps: TopicReceiverDeps, topic: string) {
    this.topic = topic;
    this.request = deps.request;
    this.deps = deps;
    this.echoFilter = new EchoFilter({
      deliver: (frame) => {
        const message = messageOf(frame);
        this.handles.each((handle) => handle.deliver(message));
      },
      hasEcho: deps.hasEcho,
    });
    this.requests = new SubscribeRequests({
      clock: deps.clock,
      request: deps.request,
      frame: () => this.frame(),
      onState: (state) => {
        // The handles report their end themselves.
        if (state !== 'ended') this.handles.emit('state', state);
      },
      onError: (error) => this.handles.emit('error', error),
    });
  }

  abstract readonly position: Position | undefined;
  abstract readonly closedAt: Position | undefined;
  abstract readonly presence: TopicPresence | undefined;
  abstract forUrl(): UrlTopic | undefined;
  abstract online(inUrl: boolean): void;
  abstract offline(): void;
  abstract renew(inUrl: boolean): void;
  abstract receive(frame: TopicFrames): void;
  /** Returns the next request. */
  protected abstract frame(): SubscribeFrame;
  /** Returns the order of a topic's messages, if it is known. */
  protected abstract orderOf(topic: string): MessageOrder | undefined;
  /** Asks the server for what a handle that joined later needs. */
  protected abstract joined(handle: SubscriptionHandle, before: UnitedOptions): void;

  get state(): SubscriptionState {
    return this.requests.state;
  }

  get error(): RealtimeError | undefined {
    return this.requests.error;
  }

  /** Adds a handle. One that joins later gets the state that is there, and its history if it asks for one. */
  attach(options: SubscribeOptions): Subscription {
    const handle = new SubscriptionHandle(this, options);
    const before = this.handles.options;
    const isFirst = this.handles.size === 0;
    this.handles.add(handle);
    if (isFirst) return handle;
    if (this.deps.isOnline()) {
      if (this.state === 'failed') this.requests.request();
      else this.joined(handle, before);
    }
    queueMicrotask(() => handle.tellState());
    return handle;
  }

  /** Removes a handle. The last one ends the subscription on the wire. */
  release(handle: SubscriptionHandle): void {
    const before = this.handles.options;
    this.handles.delete(handle);
    if (this.handles.size === 0) {
      this.close();
      return this.deps.release(this);
    }
    if (this.deps.isOnline() && isOtherEffect(before, this.handles.options)) this.requests.renew(false);
  }

  close(): void {
    this.requests.end();
    this.handles.each((handle) => handle.end());
    this.handles.clear();
  }

  startSilentPublish(topic: string): (own: Position | undefined) => void {
    const end = this.echoFilter.begin(topic);
    return (own) => {
      if (own !== undefined) this.orderOf(topic)?.skipOwn(own);
      end(own);
    };
  }

  /** Reports once that a topic is closed, when all of its messages were delivered. */
  protected tellEnd(topic: string): void {
    const end = this.orderOf(topic)?.takeEnd();
    if (end !== undefined) this.handles.each((handle) => handle.tellEnd({ topic, ...end }));
  }

  /** Reports that the messages of a topic after `last`, up to `now`, cannot be fetched any more. */
  protected lost(topic: string, { last, now }: { readonly last: Position; readonly now: Position }): void {
    this.handles.emit('gap', { topic, last, now });
    const lost = last.epoch === now.epoch ? now.seq - last.seq : undefined;
    this.handles.emit('recovered', { topic, recovered: false, last, now, lost });
  }
}

/** The number of failed catch-ups in a row after which the next request waits for the retry timer. */
export const MAX_FAILED_CATCH_UPS = 3;

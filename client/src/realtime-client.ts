import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import { COUNTER_PREFIX, type Counter, type CounterOptions, CounterSubscription } from './counter.ts';
import { Emitter } from './emitter.ts';
import { type HandshakeDeps, handshakeOf } from './handshake.ts';
import { createKeys } from './keys.ts';
import type { ReceivedFrame } from './monitored-socket.ts';
import { PublishQueue } from './publish-queue.ts';
import { closedError, RealtimeError } from './realtime-error.ts';
import type { PublishOptions, Published, Realtime, RealtimeEvents } from './realtime.ts';
import { ReconnectingSocket, type ReconnectingSocketDeps, type SocketRole } from './reconnecting-socket.ts';
import { Requests } from './requests.ts';
import { framesIn, type FrameRoutes, routeFrame } from './route-frame.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import { isOfTopic, topicEffectOf } from './topic-effect.ts';
import { ownPresence } from './topic-presence.ts';
import type { TopicReceiver, TopicReceiverDeps } from './topic-receiver.ts';
import { TopicReceivers } from './topic-receivers.ts';
import { TopicSubscription } from './topic-subscription.ts';
import type { OwnPresence, Status, WakeSource } from './types.ts';
import { WildcardSubscription } from './wildcard-subscription.ts';

/** The options of `connect`, with their defaults filled in. */
export interface RealtimeClientDeps
  extends Omit<HandshakeDeps, 'topics'>,
    Omit<ReconnectingSocketDeps, 'handshake' | 'pingFrame' | `on${string}`> {
  /** The topics that the first URL shall subscribe to. */
  readonly topics: readonly string[];
  readonly queueLimit: number;
  readonly requestTimeoutMs: number;
  readonly wakeSource: WakeSource;
}

/** The client behind `connect`: routes frames between connection, requests, subscriptions and counters. */
export class RealtimeClient implements Realtime {
  readonly #deps: RealtimeClientDeps;
  readonly #emitter = new Emitter<RealtimeEvents>();
  readonly #receivers: TopicReceivers;
  readonly #requests: Requests;
  readonly #publisher: PublishQueue;
  readonly #connection: ReconnectingSocket;
  readonly #routes: FrameRoutes;
  readonly #newKey: () => string;
  readonly #stopWaking: () => void;
  /** Whether the next connection is open beside the current one. */
  #isRenewing = false;
  /** The reason why the client stopped by itself. */
  #stoppedBy: RealtimeError | undefined;

  constructor(deps: RealtimeClientDeps) {
    this.#deps = deps;
    this.#receivers = new TopicReceivers(deps.topics);
    this.#newKey = createKeys(deps.random);
    this.#requests = new Requests({
      clock: deps.clock,
      random: deps.random,
      limit: deps.queueLimit,
      timeoutMs: deps.requestTimeoutMs,
      send: (text, role) => this.#connection.send(text, role),
    });
    this.#publisher = new PublishQueue({ ...deps, ...this.#receiverDeps, queue: this.#requests });
    this.#connection = this.#connect();
    this.#routes = {
      receivers: this.#receivers,
      requests: this.#requests,
      connection: this.#connection,
      canRenew: typeof deps.token === 'function',
      onError: this.#onError,
      onStop: this.#onStop,
    };
    this.#stopWaking = deps.wakeSource(() => this.#connection.wake());
  }

  get status(): Status {
    return this.#connection.status;
  }

  get transport(): 'websocket' | 'http' {
    return this.#connection.kind;
  }

  on<Name extends keyof RealtimeEvents>(name: Name, listener: (event: RealtimeEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  subscribe(topic: string, options: SubscribeOptions = {}): Subscription {
    if (topic.startsWith(COUNTER_PREFIX)) throw new TypeError(`Use counter('${topic.slice(COUNTER_PREFIX.length)}').`);
    const known = this.#receivers.find(topic);
    const Kind = topic.endsWith('*') ? WildcardSubscription : TopicSubscription;
    if (known instanceof Kind) return known.attach(options);
    const created = new Kind(this.#receiverDeps, topic);
    const subscription = created.attach(options);
    this.#follow(created);
    return subscription;
  }

  presence = (topic: string): OwnPresence => ownPresence(topic, () => this.#receivers.find(topic)?.presence);

  counter(name: string, options: CounterOptions = {}): Counter {
    const known = this.#receivers.find(COUNTER_PREFIX + name);
    if (known instanceof CounterSubscription) return known.attach(options);
    return this.#follow(new CounterSubscription(this.#receiverDeps, name)).attach(options);
  }

  async publish(topic: string, data: unknown, options: PublishOptions = {}): Promise<Published> {
    const end = options.echo === false ? this.#receivers.startSilentPublish(topic) : undefined;
    const published = this.#publisher.publish(topic, data, options);
    void published.then(end, () => end?.(undefined));
    return published;
  }

  disconnect(): void {
    this.#connection.disconnect();
  }

  connect(): void {
    if (this.status === 'closed') throw closedError();
    this.#stoppedBy = undefined;
    this.#connection.connect();
  }

  close(): void {
    if (this.status === 'closed') return;
    this.#stopWaking();
    this.#connection.close();
    this.#requests.stop(closedError());
    this.#receivers.close();
    this.#emitter.clear(); // In the middle of an event, the other listeners get no more of it.
  }

  get #receiverDeps(): TopicReceiverDeps {
    return {
      clock: this.#deps.clock,
      request: (frame) => this.#request(frame),
      isOnline: () => this.status === 'online',
      hasEcho: () => this.#isRenewing || this.transport === 'http',
      newKey: this.#newKey,
      release: (receiver) => this.#release(receiver),
    };
  }

  #connect(): ReconnectingSocket {
    const deps = this.#deps;
    return new ReconnectingSocket({
      ...deps,
      handshake: () => handshakeOf({ ...deps, topics: this.#receivers.urlTopics() }),
      pingFrame: () => ({ action: 'ping', positions: this.#receivers.positions() }),
      onFrame: (frame, role) => this.#receive(frame, role),
      onStatus: (status) => this.#statusChanged(status),
      onError: this.#onError,
      onStop: this.#onStop,
      onNextOpen: (topics) => this.#renew(topics),
      onNextLost: () => this.#renewalFailed(),
      onPromoted: () => this.#promoted(),
    });
  }

  #follow<F extends TopicReceiver>(receiver: F): F {
    if (this.status === 'closed') throw closedError();
    this.#receivers.add(receiver);
    if (this.status === 'online') receiver.online(false);
    return receiver;
  }

  #release(receiver: TopicReceiver): void {
    this.#receivers.remove(receiver);
    if (this.status === 'online') this.#unsubscribe(receiver.topic);
    this.#promoteIfSettled(); // The next connection may have waited for this receiver only.
  }

  #unsubscribe(topic: string): void {
    this.#requests.request({ action: 'unsubscribe', topic }).catch((error: unknown) => {
      // The end of the connection, or a later frame, has settled it. A name that is too long was never subscribed to.
      const isVoid = error instanceof RealtimeError && (error.code === 'offline' || error.code === 'too-large');
      if (error instanceof RealtimeError && !isVoid && this.status !== 'closed') this.#onError(error);
    });
  }

  /** Sends a request. During a renewal, what is for a subscription goes to the next connection. */
  #request(frame: ClientFrame) {
    const stoppedBy = this.status === 'closed' ? closedError() : this.#stoppedBy;
    if (stoppedBy !== undefined) return Promise.reject(stoppedBy);
    const effect = this.#isRenewing ? topicEffectOf(frame) : undefined;
    if (effect !== undefined) this.#receivers.requestedFromNext(effect.topic);
    const answered = this.#requests.request(frame, this.#isRenewing && isOfTopic(frame) ? 'next' : 'current');
    // A refused subscription does not hold up the next connection. It has failed once all handlers have run.
    if (effect !== undefined) answered.catch(() => queueMicrotask(() => this.#promoteIfSettled()));
    return answered;
  }

  #statusChanged(status: Status): void {
    this.#isRenewing = false;
    if (status === 'online') this.#online();
    else if (status !== 'closed') {
      this.#requests.lost();
      this.#receivers.offline();
    }
    this.#emitter.emit('status', status);
  }

  #online(): void {
    // Subscriptions first, so that waiting publishes of this client are received by it, too.
    this.#receivers.online(this.#connection.topics);
    this.#requests.online();
    this.#unsubscribeReleased();
  }

  #renew(topics: readonly string[]): void {
    this.#isRenewing = true;
    this.#receivers.renew(topics);
    this.#promoteIfSettled();
  }

  #renewalFailed(): void {
    this.#isRenewing = false;
    this.#requests.lost('next');
    this.#receivers.renewalFailed();
  }

  #promoteIfSettled(): void {
    if (this.#isRenewing && this.#receivers.areSettled()) this.#connection.promote();
  }

  #promoted(): void {
    this.#isRenewing = false;
    this.#requests.promoted();
    this.#unsubscribeReleased();
  }

  #unsubscribeReleased = (): void => this.#receivers.takeReleased().forEach((topic) => this.#unsubscribe(topic));

  #receive(frame: ReceivedFrame, role: SocketRole): void {
    for (const each of framesIn(frame)) if (this.#counts(each, role)) routeFrame(each, this.#routes);
    this.#promoteIfSettled();
  }

  /** Returns whether a frame answers the newest request of its topic, on the connection that was asked last. */
  #counts = (frame: ReceivedFrame, role: SocketRole): boolean =>
    frame.type !== 'subscribed' ||
    !((this.#isRenewing && role === 'current') || this.#requests.isUnsubscribing(frame.topic, role));

  #onError = (error: RealtimeError): void => this.#emitter.emit('error', error);

  /** Disconnects until `connect()`: no connection is of use under the token that there is, or there is none. */
  #onStop = (error: RealtimeError): void => {
    this.#stoppedBy = error;
    this.#connection.disconnect();
    this.#requests.stop(error);
    this.#onError(error);
  };
}

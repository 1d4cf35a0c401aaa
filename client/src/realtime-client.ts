import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame } from '../../shared/protocol/server-frames.ts';
import { Connection, type ConnectionDeps, type Lane } from './connection.ts';
import { COUNTER_PREFIX, FollowedCounter, type Counter } from './counter.ts';
import { Emitter } from './emitter.ts';
import type { Follower, FollowerDeps } from './follower.ts';
import { Followers } from './followers.ts';
import type { ReceivedFrame } from './link.ts';
import { Publishing } from './publishing.ts';
import { closedError, RealtimeError } from './realtime-error.ts';
import type { PublishOptions, Published, Realtime, RealtimeEvents } from './realtime.ts';
import { Requests } from './requests.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import { type TargetDeps, targetOf } from './target.ts';
import { TopicSubscription } from './topic-subscription.ts';
import type { Status, WakeSource } from './types.ts';

export interface RealtimeClientDeps
  extends Omit<TargetDeps, 'topics'>,
    Pick<ConnectionDeps, 'clock' | 'random' | 'socketClass' | 'lifetimeMs' | 'idleMs'> {
  /** Topics to subscribe to in the URL. */
  readonly topics: readonly string[];
  readonly queueLimit: number;
  readonly requestTimeoutMs: number;
  readonly wakeSource: WakeSource;
}

export class RealtimeClient implements Realtime {
  readonly #deps: RealtimeClientDeps;
  readonly #emitter = new Emitter<RealtimeEvents>();
  readonly #followers: Followers;
  readonly #requests: Requests;
  readonly #publishing: Publishing;
  readonly #connection: Connection;
  readonly #keyPrefix: string;
  readonly #stopWaking: () => void;
  /** The next connection is open, beside the current one. */
  #isRenewing = false;
  #lastKey = 0;

  constructor(deps: RealtimeClientDeps) {
    this.#deps = deps;
    this.#followers = new Followers(deps.topics);
    this.#keyPrefix = uniquePrefix(deps.random);
    this.#requests = new Requests({
      clock: deps.clock,
      random: deps.random,
      limit: deps.queueLimit,
      timeoutMs: deps.requestTimeoutMs,
      send: (text, lane) => this.#connection.send(text, lane),
    });
    this.#publishing = new Publishing({ ...deps, ...this.#followerDeps, queue: this.#requests });
    this.#connection = this.#connect();
    this.#stopWaking = deps.wakeSource(() => this.#connection.wake());
  }

  get status(): Status {
    return this.#connection.status;
  }

  on<Name extends keyof RealtimeEvents>(name: Name, listener: (event: RealtimeEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  subscribe(topic: string, options: SubscribeOptions = {}): Subscription {
    if (topic.startsWith(COUNTER_PREFIX)) throw new TypeError(`Use counter('${topic.slice(COUNTER_PREFIX.length)}').`);
    return this.#follow(new TopicSubscription(this.#followerDeps, topic, options));
  }

  counter(name: string): Counter {
    const known = this.#followers.find(COUNTER_PREFIX + name);
    return known instanceof FollowedCounter ? known : this.#follow(new FollowedCounter(this.#followerDeps, name));
  }

  async publish(topic: string, data: unknown, { key, echo = true }: PublishOptions = {}): Promise<Published> {
    if (key === undefined && echo) return this.#publishing.publish(topic, data);
    const follower = this.#followers.find(topic);
    const ended = !echo && follower instanceof TopicSubscription ? follower.publishing() : undefined;
    try {
      const published = await this.#publishing.alone({ topic, data, key, echo: echo ? undefined : echo });
      ended?.(published);
      return published;
    } catch (error) {
      ended?.(undefined);
      throw error;
    }
  }

  close(): void {
    this.#stopWaking();
    this.#connection.close();
    this.#requests.close();
    this.#followers.close();
  }

  get #followerDeps(): FollowerDeps {
    return {
      clock: this.#deps.clock,
      request: (frame) => this.#request(frame),
      isRenewing: () => this.#isRenewing,
      newKey: () => this.#newKey(),
      release: (follower) => this.#release(follower),
    };
  }

  #connect(): Connection {
    const deps = this.#deps;
    return new Connection({
      ...deps,
      target: () => targetOf({ ...deps, topics: this.#followers.urlTopics() }),
      pingFrame: () => ({ action: 'ping', positions: this.#followers.positions() }),
      onFrame: (frame, lane) => this.#receive(frame, lane),
      onStatus: (status) => this.#changed(status),
      onTokenError: (error) => this.#emitter.emit('error', new RealtimeError('no-token', textOf(error))),
      onNextOpen: (topics) => this.#renew(topics),
      onNextLost: () => this.#renewalFailed(),
      onPromoted: () => this.#promoted(),
    });
  }

  #follow<F extends Follower>(follower: F): F {
    if (this.status === 'closed') throw closedError();
    this.#followers.add(follower);
    if (this.status === 'online') follower.online(false);
    return follower;
  }

  #release(follower: Follower): void {
    this.#followers.remove(follower);
    if (this.status === 'online') this.#unsubscribe(follower.topic);
    // The last one that the next connection waited for, perhaps.
    this.#promoteIfSettled();
  }

  #unsubscribe(topic: string): void {
    this.#requests.request({ action: 'unsubscribe', topic }).catch((error: unknown) => {
      // A lost connection has unsubscribed from everything.
      if (error instanceof RealtimeError && error.code !== 'offline') this.#emitter.emit('error', error);
    });
  }

  /** Subscriptions go to where they have to last. */
  #request(frame: ClientFrame): Promise<AckFrame> {
    if (this.status === 'closed') return Promise.reject(closedError());
    const lane = this.#isRenewing && frame.action === 'subscribe' ? 'next' : 'current';
    return this.#requests.request(frame, lane);
  }

  #newKey(): string {
    this.#lastKey += 1;
    return `${this.#keyPrefix}-${this.#lastKey}`;
  }

  #changed(status: Status): void {
    this.#isRenewing = false;
    if (status === 'online') this.#online();
    else if (status !== 'closed') this.#offline();
    this.#emitter.emit('status', status);
  }

  #online(): void {
    // Subscriptions first, so that one's own publishes that waited come back, too.
    this.#followers.subscribe((follower, inUrl) => follower.online(inUrl), this.#connection.topics);
    this.#requests.online();
    this.#unsubscribeAbandoned();
  }

  #offline(): void {
    this.#requests.offline();
    for (const follower of this.#followers) follower.offline();
  }

  #renew(topics: readonly string[]): void {
    this.#isRenewing = true;
    this.#followers.subscribe((follower, inUrl) => follower.renew(inUrl), topics);
    this.#promoteIfSettled();
  }

  #renewalFailed(): void {
    this.#isRenewing = false;
    this.#requests.nextLost();
    for (const follower of this.#followers) follower.renewalFailed();
  }

  #promoteIfSettled(): void {
    if (this.#isRenewing && this.#followers.areSettled()) this.#connection.promote();
  }

  #promoted(): void {
    this.#isRenewing = false;
    this.#requests.promoted();
    this.#unsubscribeAbandoned();
  }

  /** The server has lost the subscriptions: to what is followed, that is a lost connection and a new one. */
  #subscribeAgain(): void {
    for (const follower of this.#followers) {
      follower.offline();
      follower.online(false);
    }
  }

  #unsubscribeAbandoned(): void {
    for (const topic of this.#followers.takeAbandoned()) this.#unsubscribe(topic);
  }

  #receive(frame: ReceivedFrame, lane: Lane): void {
    // What the current connection answers is asked of the next one too, and only that answer counts.
    if (frame.type === 'subscribed' && this.#isRenewing && lane === 'current') return;
    this.#take(frame);
    if (lane === 'next') this.#promoteIfSettled();
  }

  #take(frame: ReceivedFrame): void {
    switch (frame.type) {
      case 'message':
      case 'subscribed':
      case 'presence':
        return this.#followers.find(frame.topic)?.receive(frame);
      case 'state':
        return this.#followers.find(COUNTER_PREFIX + frame.counter)?.receive(frame);
      case 'batch':
        for (const each of frame.frames) this.#take(each);
        return;
      case 'ack':
        return this.#requests.settle(frame);
      case 'error':
        if (frame.code === 'not-subscribed') return this.#subscribeAgain();
        if (frame.id !== undefined) return this.#requests.settle({ ...frame, id: frame.id });
        return this.#emitter.emit('error', new RealtimeError(frame.code, frame.message));
      case 'gateway':
        this.#requests.someFailed();
        return this.#emitter.emit('error', new RealtimeError('unavailable', frame.message));
      case 'pong':
    }
  }
}

const textOf = (error: unknown): string => `No token: ${error instanceof Error ? error.message : String(error)}`;

/** Some 150 bits: no two clients have the same. */
const uniquePrefix = (random: () => number): string =>
  [random(), random(), random()].map((number) => number.toString(36).slice(2, 12)).join('');

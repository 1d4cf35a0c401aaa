import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame } from '../../shared/protocol/server-frames.ts';
import { BOUNDS } from './bounds.ts';
import { Connection, type ReceivedFrame } from './connection.ts';
import { COUNTER_PREFIX, FollowedCounter, type Counter } from './counter.ts';
import { Emitter } from './emitter.ts';
import type { Follower, FollowerDeps } from './follower.ts';
import { RealtimeError } from './realtime-error.ts';
import { Requests } from './requests.ts';
import { TopicSubscription, type SubscribeOptions, type Subscription } from './topic-subscription.ts';
import type { ConnectOptions, Position, Status } from './types.ts';
import { urlWithTopics } from './url-with-topics.ts';

export interface PublishOptions {
  /** False: not to this client itself. Default: true. */
  readonly echo?: boolean;
  /** Names this publish: a repeat with the same key within ten minutes counts once. Default: one of its own. */
  readonly key?: string;
}

/** Where a publish ended up. */
export interface Published {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface RealtimeEvents {
  readonly status: Status;
  /** What the server complained of without saying to which request it belongs. */
  readonly error: RealtimeError;
}

export type RealtimeDeps = Required<ConnectOptions> & { readonly url: string };

/** One connection to a server, through every reconnect, and what is followed by it. */
export class Realtime {
  readonly #deps: RealtimeDeps;
  readonly #emitter = new Emitter<RealtimeEvents>();
  readonly #followers = new Map<string, Follower>();
  readonly #requests: Requests;
  readonly #connection: Connection;
  readonly #keyPrefix: string;
  /** Topics that the next URL is to subscribe to. */
  readonly #urlTopics: Set<string>;
  /** Topics that the present socket's URL subscribed to. */
  #inUrl: readonly string[] = [];
  #lastKey = 0;

  constructor(deps: RealtimeDeps) {
    this.#deps = deps;
    this.#urlTopics = new Set(deps.topics);
    this.#keyPrefix = uniquePrefix(deps.random);
    this.#requests = new Requests({
      clock: deps.clock,
      random: deps.random,
      send: (frame) => this.#connection.send(frame),
    });
    this.#connection = new Connection({
      socketClass: deps.socketClass,
      clock: deps.clock,
      random: deps.random,
      url: () => this.#nextUrl(),
      ping: () => this.#connection.send({ action: 'ping', positions: this.#positions() }),
      onFrame: (frame) => this.#receive(frame),
      onStatus: (status) => this.#changed(status),
    });
  }

  get status(): Status {
    return this.#connection.status;
  }

  /** Calls `listener` at each such event; what it returns ends that. */
  on<Name extends keyof RealtimeEvents>(name: Name, listener: (event: RealtimeEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Follows a topic. Throws for one that is followed already, or that is a counter's. */
  subscribe(topic: string, options: SubscribeOptions = {}): Subscription {
    if (topic.startsWith(COUNTER_PREFIX)) throw new TypeError(`Use counter('${topic.slice(COUNTER_PREFIX.length)}').`);
    if (this.#followers.has(topic)) throw new TypeError(`Subscribed to ${topic} already.`);
    return this.#follow(new TopicSubscription(this.#followerDeps, topic, options));
  }

  /** The shared counter of that name; the same object each time. */
  counter(name: string): Counter {
    const known = this.#followers.get(COUNTER_PREFIX + name);
    return known instanceof FollowedCounter ? known : this.#follow(new FollowedCounter(this.#followerDeps, name));
  }

  /** Publishes to a topic. While offline it waits for the connection; when that takes too long, it is rejected. */
  async publish(topic: string, data: unknown, options: PublishOptions = {}): Promise<Published> {
    const key = options.key ?? this.#newKey();
    const echo = options.echo === false ? { echo: false } : {};
    const ack = await this.#request({ action: 'publish', topic, data, key, ...echo });
    const published = publishedOf(ack);
    const follower = this.#followers.get(topic);
    if (options.echo === false && follower instanceof TopicSubscription) follower.published(published);
    return published;
  }

  /** Ends the connection and all that is followed, for good. What still waits is rejected. */
  close(): void {
    this.#connection.close();
    this.#requests.close();
    for (const follower of this.#followers.values()) follower.close();
    this.#followers.clear();
  }

  get #followerDeps(): FollowerDeps {
    return {
      clock: this.#deps.clock,
      request: (frame) => this.#request(frame),
      newKey: () => this.#newKey(),
      release: (follower) => this.#release(follower),
    };
  }

  #follow<F extends Follower>(follower: F): F {
    if (this.status === 'closed') throw new RealtimeError('closed', 'The connection is closed.');
    if (this.#followers.size >= BOUNDS.TOPICS) throw new RangeError(`At most ${BOUNDS.TOPICS} topics at a time.`);
    this.#followers.set(follower.topic, follower);
    if (this.status === 'online') follower.online(false);
    return follower;
  }

  #release({ topic }: Follower): void {
    this.#followers.delete(topic);
    this.#urlTopics.delete(topic);
    if (this.status !== 'online') return;
    this.#request({ action: 'unsubscribe', topic }).catch((error: unknown) => {
      // A lost connection has unsubscribed from everything.
      if (error instanceof RealtimeError && error.code !== 'offline') this.#emitter.emit('error', error);
    });
  }

  #request(frame: ClientFrame): Promise<AckFrame> {
    if (this.status === 'closed') return Promise.reject(new RealtimeError('closed', 'The connection is closed.'));
    return this.#requests.request(frame);
  }

  #newKey(): string {
    this.#lastKey += 1;
    return `${this.#keyPrefix}-${this.#lastKey}`;
  }

  /** In the URL, a subscription cannot name its position: a topic that has one needs a frame. */
  #nextUrl(): string {
    const plain = [...this.#urlTopics].filter((topic) => this.#followers.get(topic)?.isPlain ?? true);
    const { href, included } = urlWithTopics(this.#deps.url, plain);
    this.#inUrl = included;
    return href;
  }

  #positions(): Record<string, Position> {
    const known = [...this.#followers.values()].map(({ topic, position }) => [topic, position] as const);
    return Object.fromEntries(known.flatMap(([topic, position]) => (position ? [[topic, position]] : [])));
  }

  #changed(status: Status): void {
    if (status === 'online') this.#online();
    if (status === 'offline') this.#offline();
    this.#emitter.emit('status', status);
  }

  #online(): void {
    // Subscriptions first, so that one's own publishes that waited come back, too.
    for (const follower of this.#followers.values()) follower.online(this.#inUrl.includes(follower.topic));
    this.#requests.online();
  }

  #offline(): void {
    this.#requests.offline();
    for (const follower of this.#followers.values()) follower.offline();
  }

  #receive(frame: ReceivedFrame): void {
    switch (frame.type) {
      case 'message':
      case 'subscribed':
        return this.#followers.get(frame.topic)?.receive(frame);
      case 'state':
        return this.#followers.get(COUNTER_PREFIX + frame.counter)?.receive(frame);
      case 'batch':
        for (const each of frame.frames) this.#receive(each);
        return;
      case 'ack':
        return this.#requests.settle(frame);
      case 'error':
        if (frame.id !== undefined) return this.#requests.settle({ ...frame, id: frame.id });
        return this.#emitter.emit('error', new RealtimeError(frame.code, frame.message));
      case 'gateway':
        return this.#emitter.emit('error', new RealtimeError('unavailable', frame.message));
      case 'pong':
    }
  }
}

/** Some 150 bits: no two clients have the same. */
const uniquePrefix = (random: () => number): string =>
  [random(), random(), random()].map((number) => number.toString(36).slice(2, 12)).join('');

function publishedOf({ topic, epoch, seq }: AckFrame): Published {
  if (topic === undefined || epoch === undefined || seq === undefined) throw new Error('The ack lacks the position.');
  return { topic, epoch, seq };
}

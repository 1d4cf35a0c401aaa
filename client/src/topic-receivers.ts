import * as BOUNDS from './bounds.ts';
import type { RealtimeError } from './realtime-error.ts';
import type { TopicReceiver } from './topic-receiver.ts';
import type { Position } from './types.ts';
import type { UrlTopic } from './url-with-topics.ts';
import { WildcardSubscription } from './wildcard-subscription.ts';

/** The subscriptions and counters of a client, by topic. */
export class TopicReceivers {
  readonly #byTopic = new Map<string, TopicReceiver>();
  #wildcards: WildcardSubscription[] = [];
  /** Topics that the next URL shall subscribe to. */
  readonly #urlTopics: Set<string>;
  /** Released topics that the newest connection may still be subscribed to. At most `TOPICS_PER_CONNECTION`. */
  readonly #released = new Set<string>();

  /** Topics that only the next connection is subscribed to in their newest form. */
  readonly #onNextOnly = new Set<string>();

  constructor(urlTopics: readonly string[]) {
    this.#urlTopics = new Set(urlTopics);
  }

  find(topic: string): TopicReceiver | undefined {
    return this.#byTopic.get(topic);
  }

  /** Returns the receivers of a topic's frames: its own, and those of wildcards over it. */
  over(topic: string): readonly TopicReceiver[] {
    const own = this.#byTopic.get(topic);
    const wildcards = this.#wildcards.filter(
      (each) => topic !== each.topic && topic.startsWith(each.topic.slice(0, -1)),
    );
    return own === undefined ? wildcards : [own, ...wildcards];
  }

  /**
   * Registers a publish with `echo: false`. Call the returned function with its position, or undefined when it failed.
   */
  startSilentPublish(topic: string): (own: Position | undefined) => void {
    const ends = this.over(topic).map((receiver) => receiver.startSilentPublish?.(topic));
    return (own) => ends.forEach((end) => end?.(own));
  }

  add(receiver: TopicReceiver): void {
    if (this.#byTopic.size >= BOUNDS.TOPICS_PER_CONNECTION)
      throw new RangeError(`At most ${BOUNDS.TOPICS_PER_CONNECTION} topics.`);
    this.#byTopic.set(receiver.topic, receiver);
    if (receiver instanceof WildcardSubscription) this.#wildcards.push(receiver);
    this.#released.delete(receiver.topic);
  }

  remove({ topic }: TopicReceiver): void {
    this.#byTopic.delete(topic);
    this.#wildcards = this.#wildcards.filter((each) => each.topic !== topic);
    this.#urlTopics.delete(topic);
    if (this.#released.size < BOUNDS.TOPICS_PER_CONNECTION) this.#released.add(topic);
  }

  /** Subscribes by a new connection, whose URL has subscribed to the topics of `inUrl`. */
  online(inUrl: readonly string[]): void {
    this.#keepReleased(inUrl);
    for (const receiver of this.#all) receiver.online(inUrl.includes(receiver.topic));
  }

  offline(): void {
    for (const receiver of this.#all) receiver.offline();
  }

  /** Subscribes to everything again: the server has lost the subscriptions of the connection. */
  subscribeAgain(): void {
    for (const receiver of this.#all) {
      receiver.offline();
      receiver.online(false);
    }
  }

  /** Subscribes by the next connection, whose URL has subscribed to the topics of `inUrl`. */
  renew(inUrl: readonly string[]): void {
    this.#keepReleased(inUrl);
    for (const receiver of this.#all) receiver.renew(inUrl.includes(receiver.topic));
    this.#onNextOnly.clear();
  }

  /** Notes a subscribe request to the next connection, made after `renew`. */
  requestedFromNext(topic: string): void {
    this.#onNextOnly.add(topic);
  }

  /** Subscribes by the current connection to what it lacks, because the next one is lost. */
  renewalFailed(): void {
    for (const receiver of this.#all) {
      if (receiver.requests.isWaiting || this.#onNextOnly.has(receiver.topic)) receiver.renew(false);
    }
  }

  /** Fails subscriptions that the server has refused. The next URL leaves their topics out. */
  refuse(topics: readonly string[], error: RealtimeError): void {
    for (const topic of topics) {
      this.#urlTopics.delete(topic);
      this.#byTopic.get(topic)?.requests.fail(error);
    }
  }

  areSettled(): boolean {
    return this.#all.every(({ requests }) => !requests.isWaiting);
  }

  /** Returns the topics released since the newest connection subscribed to them, and forgets them. */
  takeReleased(): readonly string[] {
    const topics = [...this.#released];
    this.#released.clear();
    return topics;
  }

  /**
   * Returns the topics for the next URL: those that `connect` was told, and those that the server has answered once. A
   * URL with a name that is no topic's is refused as a whole.
   */
  urlTopics(): readonly UrlTopic[] {
    const told = [...this.#urlTopics].filter((topic) => !this.#byTopic.has(topic)).map((topic) => ({ topic }));
    const known = this.#all.filter(({ topic, position, requests }) =>
      requests.state === 'failed' ? false : position !== undefined || this.#urlTopics.has(topic),
    );
    return [...told, ...known.flatMap((receiver) => receiver.forUrl() ?? [])].slice(0, BOUNDS.TOPICS_PER_CONNECTION);
  }

  /**
   * Returns the positions for a ping: those of all topics, and as many as there is room for of those under wildcards.
   */
  positions(): Record<string, Position> {
    // The server would not know a failed subscription, and everything would be subscribed to again.
    const known = this.#all.filter(({ requests }) => requests.state !== 'failed');
    const own = known.flatMap(({ topic, position }): [string, Position][] => (position ? [[topic, position]] : []));
    const seen = this.#wildcards.flatMap((each) =>
      each.position ? each.positionsSeen(BOUNDS.TOPICS_PER_CONNECTION) : [],
    );
    return Object.fromEntries([...seen.slice(0, BOUNDS.TOPICS_PER_CONNECTION - own.length), ...own]);
  }

  close(): void {
    const receivers = this.#all;
    this.#byTopic.clear();
    for (const receiver of receivers) receiver.close();
  }

  /** The receivers, as a copy: a listener may add and remove receivers. */
  get #all(): readonly TopicReceiver[] {
    return [...this.#byTopic.values()];
  }

  /** Forgets the released topics that a new connection does not know. */
  #keepReleased(inUrl: readonly string[]): void {
    for (const topic of this.#released) if (!inUrl.includes(topic)) this.#released.delete(topic);
  }
}

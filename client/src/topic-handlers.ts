import * as BOUNDS from './bounds.ts';
import type { TopicHandler } from './topic-handler.ts';
import type { Position } from './types.ts';

/** The subscriptions and counters of a client, by topic. */
export class TopicHandlers {
  readonly #byTopic = new Map<string, TopicHandler>();
  /** Topics that the next URL shall subscribe to. */
  readonly #urlTopics: Set<string>;
  /** Released topics that the newest connection may still be subscribed to. At most `TOPICS_PER_CONNECTION`. */
  readonly #released = new Set<string>();

  constructor(urlTopics: readonly string[]) {
    this.#urlTopics = new Set(urlTopics);
  }

  [Symbol.iterator](): Iterator<TopicHandler> {
    return [...this.#byTopic.values()][Symbol.iterator]();
  }

  find(topic: string): TopicHandler | undefined {
    return this.#byTopic.get(topic);
  }

  add(handler: TopicHandler): void {
    if (this.#byTopic.has(handler.topic)) throw new TypeError(`Subscribed to ${handler.topic} already.`);
    if (this.#byTopic.size >= BOUNDS.TOPICS_PER_CONNECTION)
      throw new RangeError(`At most ${BOUNDS.TOPICS_PER_CONNECTION} topics.`);
    this.#byTopic.set(handler.topic, handler);
    this.#released.delete(handler.topic);
  }

  remove({ topic }: TopicHandler): void {
    this.#byTopic.delete(topic);
    this.#urlTopics.delete(topic);
    if (this.#released.size < BOUNDS.TOPICS_PER_CONNECTION) this.#released.add(topic);
  }

  /** Calls `ask` for each handler when a connection is open. Of the released topics, it knows only those in its URL. */
  subscribe(ask: (handler: TopicHandler, inUrl: boolean) => void, inUrl: readonly string[]): void {
    for (const topic of this.#released) if (!inUrl.includes(topic)) this.#released.delete(topic);
    for (const handler of this) ask(handler, inUrl.includes(handler.topic));
  }

  areSettled(): boolean {
    return [...this.#byTopic.values()].every(({ isSettled }) => isSettled);
  }

  /** Returns the topics released since the newest connection subscribed to them, and forgets them. */
  takeReleased(): readonly string[] {
    const topics = [...this.#released];
    this.#released.clear();
    return topics;
  }

  /** Returns the topics for the next URL. A subscription with a position is left out: only a frame can name it. */
  urlTopics(): readonly string[] {
    return [...this.#urlTopics].filter((topic) => this.#byTopic.get(topic)?.isPlain ?? true);
  }

  positions(): Record<string, Position> {
    const known = [...this.#byTopic.values()].map(({ topic, position }) => [topic, position] as const);
    return Object.fromEntries(known.flatMap(([topic, position]) => (position ? [[topic, position]] : [])));
  }

  close(): void {
    for (const handler of this.#byTopic.values()) handler.close();
    this.#byTopic.clear();
  }
}

import * as BOUNDS from './bounds.ts';
import type { Follower } from './follower.ts';
import type { Position } from './types.ts';

/** What is followed, by topic. */
export class Followers {
  readonly #byTopic = new Map<string, Follower>();
  /** Topics that the next URL is to subscribe to. */
  readonly #urlTopics: Set<string>;
  /** Topics given up that the newest connection may be subscribed to. Bounded by what it was asked for. */
  readonly #abandoned = new Set<string>();

  constructor(urlTopics: readonly string[]) {
    this.#urlTopics = new Set(urlTopics);
  }

  [Symbol.iterator](): Iterator<Follower> {
    return [...this.#byTopic.values()][Symbol.iterator]();
  }

  find(topic: string): Follower | undefined {
    return this.#byTopic.get(topic);
  }

  add(follower: Follower): void {
    if (this.#byTopic.has(follower.topic)) throw new TypeError(`Subscribed to ${follower.topic} already.`);
    if (this.#byTopic.size >= BOUNDS.TOPICS) throw new RangeError(`At most ${BOUNDS.TOPICS} topics.`);
    this.#byTopic.set(follower.topic, follower);
    this.#abandoned.delete(follower.topic);
  }

  remove({ topic }: Follower): void {
    this.#byTopic.delete(topic);
    this.#urlTopics.delete(topic);
    if (this.#abandoned.size < BOUNDS.TOPICS) this.#abandoned.add(topic);
  }

  /** A connection is open: of what was given up before, it knows only what its URL still named. */
  subscribe(ask: (follower: Follower, inUrl: boolean) => void, inUrl: readonly string[]): void {
    for (const topic of this.#abandoned) if (!inUrl.includes(topic)) this.#abandoned.delete(topic);
    for (const follower of this) ask(follower, inUrl.includes(follower.topic));
  }

  areSettled(): boolean {
    return [...this.#byTopic.values()].every(({ isSettled }) => isSettled);
  }

  /** The topics given up since the newest connection was asked for them. */
  takeAbandoned(): readonly string[] {
    const topics = [...this.#abandoned];
    this.#abandoned.clear();
    return topics;
  }

  /** In the URL, a subscription cannot name its position: a topic that has one needs a frame. */
  urlTopics(): readonly string[] {
    return [...this.#urlTopics].filter((topic) => this.#byTopic.get(topic)?.isPlain ?? true);
  }

  positions(): Record<string, Position> {
    const known = [...this.#byTopic.values()].map(({ topic, position }) => [topic, position] as const);
    return Object.fromEntries(known.flatMap(([topic, position]) => (position ? [[topic, position]] : [])));
  }

  close(): void {
    for (const follower of this.#byTopic.values()) follower.close();
    this.#byTopic.clear();
  }
}

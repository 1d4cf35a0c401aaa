import { ClientError } from '../errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Position } from '../protocol/position.ts';

/** The part of a topic that its client has: everything up to a position, and whether it knows the end. */
export interface Known extends Position {
  readonly isClosed: boolean;
}

/** The topics that an answer follows, each with what its client has. */
export class FollowedTopics {
  readonly #known = new Map<string, Known>();

  get size(): number {
    return this.#known.size;
  }

  get topics(): readonly string[] {
    return [...this.#known.keys()];
  }

  get(topic: string): Known | undefined {
    return this.#known.get(topic);
  }

  /** Notes what the client has. Throws ClientError `too-many-topics`. */
  set(topic: string, known: Known): void {
    this.checkRoom(topic);
    this.#known.set(topic, known);
  }

  /** Throws ClientError `too-many-topics` where there is no room for a topic. */
  checkRoom(topic: string): void {
    if (this.#known.has(topic) || this.#known.size < LIMITS.TOPICS_PER_CONNECTION) return;
    throw new ClientError('too-many-topics', `A request follows at most ${LIMITS.TOPICS_PER_CONNECTION} topics.`);
  }

  delete(topic: string): void {
    this.#known.delete(topic);
  }
}

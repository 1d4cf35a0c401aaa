import type { PublishFrame } from '../../shared/protocol/client-frames.ts';
import * as BOUNDS from './bounds.ts';
import { bytesOf, toJson, tooLargeError } from './json.ts';
import { RealtimeError } from './realtime-error.ts';
import type { Published, PublishOptions } from './realtime.ts';
import { acknowledgedAt, type Requests } from './requests.ts';
import type { TopicReceiverDeps } from './topic-receiver.ts';

/** The parts that a `PublishQueue` uses. */
export interface PublisherDeps extends Pick<TopicReceiverDeps, 'clock' | 'request' | 'newKey'> {
  readonly requestTimeoutMs: number;
  /** The request queue. A waiting message takes one of its places, as a request does. */
  readonly queue: Pick<Requests, 'reserve' | 'release'>;
}

/** A message that waits for an earlier publish to end. */
interface QueuedMessage {
  /** The data as JSON, serialized at the call of `publish`. */
  readonly text: string;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A publisher with one frame per topic in flight. The first message is sent at once. Messages that are published until
 * its answer wait, and are sent together in the next frame, as far as they fit. The server therefore writes them in the
 * order of the calls, and under load each frame carries more.
 *
 * A message waits for at most the request timeout, and its frame may take as long again: twice the request timeout in
 * all.
 */
export class PublishQueue {
  readonly #deps: PublisherDeps;
  /** The waiting messages by topic. A topic has an entry while one of its publishes is in flight. */
  readonly #queued = new Map<string, QueuedMessage[]>();

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /**
   * Publishes with the others that wait; with a `key` or `echo: false` at once, in a separate frame, whatever is in
   * flight.
   */
  async publish(topic: string, data: unknown, { key, echo = true }: PublishOptions = {}): Promise<Published> {
    const text = toJson(data);
    const bytes = bytesOf(text);
    if (bytes > BOUNDS.DATA_BYTES) throw tooLargeError('The data', BOUNDS.DATA_BYTES);
    // Data that JSON leaves out, as undefined, has no text. The server refuses it, and must not refuse others with it.
    if (text === undefined || key !== undefined || !echo) {
      return this.#publishFrame({ topic, data, key, echo: echo ? undefined : echo });
    }
    this.#deps.queue.reserve();
    const { promise, resolve, reject } = Promise.withResolvers<Published>();
    const message = { text, bytes, sinceMs: this.#deps.clock.now(), resolve, reject };
    const queued = this.#queued.get(topic);
    if (queued === undefined) void this.#sendAll(topic, [message]);
    else queued.push(message);
    return promise;
  }

  async #publishFrame(fields: Omit<PublishFrame, 'action'>): Promise<Published> {
    const { request, newKey } = this.#deps;
    const ack = await request({ action: 'publish', ...fields, key: fields.key ?? newKey() });
    return { topic: fields.topic, ...acknowledgedAt(ack) };
  }

  async #sendAll(topic: string, queued: QueuedMessage[]): Promise<void> {
    this.#queued.set(topic, queued);
    const next = (): readonly QueuedMessage[] => this.#take(topic, queued);
    for (let batch = next(); batch.length > 0; batch = next()) await this.#send(topic, batch);
    this.#queued.delete(topic);
  }

  /**
   * Takes the messages of the next frame: the first, and as many more as fit. Rejects those that waited past the
   * timeout.
   */
  #take(topic: string, queued: QueuedMessage[]): readonly QueuedMessage[] {
    const { clock, requestTimeoutMs, queue } = this.#deps;
    const batch: QueuedMessage[] = [];
    let room = BOUNDS.MESSAGES_BYTES - bytesOf(JSON.stringify(topic));
    let taken = 0;
    for (const message of queued) {
      const isLate = clock.now() - message.sinceMs >= requestTimeoutMs;
      // One more byte for the comma.
      if (!isLate) room -= message.bytes + 1;
      if (batch.length === BOUNDS.PUBLISHED_MESSAGES || (batch.length > 0 && room < 0)) break;
      taken += 1;
      queue.release();
      if (isLate) message.reject(new RealtimeError('offline', 'Waited too long for an earlier publish.'));
      else batch.push(message);
    }
    queued.splice(0, taken);
    return batch;
  }

  /** Sends one frame and settles its messages. Their seqs are consecutive, and the ack has the last one. */
  async #send(topic: string, batch: readonly QueuedMessage[]): Promise<void> {
    const messages = batch.map(({ text }): unknown => JSON.parse(text));
    try {
      const last = await this.#publishFrame({
        topic,
        ...(messages.length === 1 ? { data: messages[0] } : { messages }),
      });
      let seq = last.seq - batch.length;
      for (const { resolve } of batch) resolve({ ...last, seq: (seq += 1) });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

import type { PublishFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame } from '../../shared/protocol/server-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { FollowerDeps } from './follower.ts';
import { RealtimeError } from './realtime-error.ts';
import type { Published } from './realtime.ts';
import type { Requests } from './requests.ts';

export interface PublishingDeps extends Pick<FollowerDeps, 'clock' | 'request' | 'newKey'> {
  readonly requestTimeoutMs: number;
  /** The queue in which what is gathered takes its places, as requests do. */
  readonly queue: Pick<Requests, 'reserve' | 'release'>;
}

/** A message that waits for the publish before it. */
interface Gathered {
  /** Its data as JSON, as it was when it was published. */
  readonly text: string;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One publish of a topic at a time. The first goes at once; what is published until it is settled is gathered and goes in one
 * frame after it, as far as it fits, and the rest in the next one. So the server writes it in the order of the calls, and the
 * more there is to publish, the more each frame takes.
 *
 * What is gathered waits for no longer than a request may take, and its frame may take as long again: at most twice that.
 */
export class Publishing {
  readonly #deps: PublishingDeps;
  /** What is gathered, by topic. A topic is in it while one of its publishes is under way. */
  readonly #gathered = new Map<string, Gathered[]>();

  constructor(deps: PublishingDeps) {
    this.#deps = deps;
  }

  async publish(topic: string, data: unknown): Promise<Published> {
    const text = JSON.stringify(data);
    const bytes = bytesOf(text);
    // What the server refuses must not take others down with it. Of what JSON does not know, as undefined, there is no text.
    if (bytes === 0 || bytes > BOUNDS.DATA_BYTES) return this.alone({ topic, data });
    this.#deps.queue.reserve();
    const { promise, resolve, reject } = Promise.withResolvers<Published>();
    const message = { text, bytes, sinceMs: this.#deps.clock.now(), resolve, reject };
    const gathered = this.#gathered.get(topic);
    if (gathered === undefined) void this.#sendAll(topic, [message]);
    else gathered.push(message);
    return promise;
  }

  /** Publishes at once, in a frame of its own, whatever is under way. */
  async alone(fields: Omit<PublishFrame, 'action'>): Promise<Published> {
    const { request, newKey } = this.#deps;
    return publishedOf(await request({ action: 'publish', ...fields, key: fields.key ?? newKey() }));
  }

  async #sendAll(topic: string, gathered: Gathered[]): Promise<void> {
    this.#gathered.set(topic, gathered);
    const next = (): readonly Gathered[] => this.#take(topic, gathered);
    for (let batch = next(); batch.length > 0; batch = next()) await this.#send(topic, batch);
    this.#gathered.delete(topic);
  }

  /** Takes what fits one frame, the first in any case: alone, it is as good as any. Gives up what has waited for too long. */
  #take(topic: string, gathered: Gathered[]): readonly Gathered[] {
    const { clock, requestTimeoutMs, queue } = this.#deps;
    const batch: Gathered[] = [];
    let room = BOUNDS.MESSAGES_BYTES - bytesOf(JSON.stringify(topic));
    let taken = 0;
    for (const message of gathered) {
      const isLate = clock.now() - message.sinceMs >= requestTimeoutMs;
      // And a comma.
      if (!isLate) room -= message.bytes + 1;
      if (batch.length === BOUNDS.PUBLISHED_MESSAGES || (batch.length > 0 && room < 0)) break;
      taken += 1;
      queue.release();
      if (isLate) message.reject(new RealtimeError('offline', 'Too long a wait; it was not sent.'));
      else batch.push(message);
    }
    gathered.splice(0, taken);
    return batch;
  }

  /** All of it has the fate of the frame. Its seqs are consecutive, and the ack tells the last one. */
  async #send(topic: string, batch: readonly Gathered[]): Promise<void> {
    const messages = batch.map(({ text }): unknown => JSON.parse(text));
    try {
      const last = await this.alone({ topic, ...(messages.length === 1 ? { data: messages[0] } : { messages }) });
      let seq = last.seq - batch.length;
      for (const { resolve } of batch) resolve({ ...last, seq: (seq += 1) });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

function publishedOf({ topic, epoch, seq }: AckFrame): Published {
  if (topic === undefined || epoch === undefined || seq === undefined) throw new Error('The ack is not whole.');
  return { topic, epoch, seq };
}

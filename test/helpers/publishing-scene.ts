import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Published } from '../../client/src/index.ts';
import { PublishQueue } from '../../client/src/publish-queue.ts';
import { RealtimeError } from '../../client/src/realtime-error.ts';
import type { ClientFrame, PublishFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame } from '../../shared/protocol/server-frames.ts';
import { TestClock } from './test-clock.ts';

export const TIMEOUT_MS = 1_000;

export const messagesOf = ({ data, messages = [data] }: PublishFrame): readonly unknown[] => messages;

/** Publishes, the requests that they become, and a server that answers when the test says so. */
export class PublishingScene {
  readonly clock = new TestClock();
  readonly frames: PublishFrame[] = [];
  reserved = 0;
  places = Infinity;
  readonly #open: ReturnType<typeof Promise.withResolvers<AckFrame>>[] = [];
  #seq = 0;
  readonly publisher = new PublishQueue({
    clock: this.clock,
    requestTimeoutMs: TIMEOUT_MS,
    request: (frame) => this.#request(frame),
    newKey: () => `key-${this.frames.length + 1}`,
    queue: {
      reserve: () => {
        if (this.reserved >= this.places) throw new RealtimeError('queue-full', 'Full.');
        this.reserved += 1;
      },
      release: () => {
        this.reserved -= 1;
      },
    },
  });

  publish(data: unknown, topic = 'news'): Promise<Published> {
    const published = this.publisher.publish(topic, data);
    // It may fail before the test looks at it.
    published.catch(() => undefined);
    return published;
  }

  /** Acknowledges the oldest frame that waits, and lets what follows from that happen. */
  async ack(): Promise<void> {
    const frame = this.frames[this.frames.length - this.#open.length];
    if (frame === undefined) throw new Error('Nothing waits.');
    this.#seq += messagesOf(frame).length;
    const { topic } = frame;
    this.#open.shift()?.resolve({ type: 'ack', id: '1', action: 'publish', topic, epoch: 'e', seq: this.#seq });
    await nextTurn();
  }

  async fail(code: 'unavailable' | 'timeout'): Promise<void> {
    this.#open.shift()?.reject(new RealtimeError(code, 'Failed.'));
    await nextTurn();
  }

  #request(frame: ClientFrame): Promise<AckFrame> {
    if (frame.action !== 'publish') throw new Error(`No ${frame.action} was expected.`);
    this.frames.push(frame);
    const open = Promise.withResolvers<AckFrame>();
    this.#open.push(open);
    return open.promise;
  }
}

export const seqsOf = async (published: readonly Promise<{ readonly seq: number }>[]): Promise<number[]> =>
  (await Promise.all(published)).map(({ seq }) => seq);

export const codesOf = async (published: readonly Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(published)).map((each) => (each.status === 'rejected' ? each.reason.code : 'published'));

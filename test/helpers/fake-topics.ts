import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';

export type Frame = Readonly<Record<string, unknown>>;

interface Message {
  readonly frame: Frame & { readonly seq: number };
  /** The connection that does not receive the message. */
  readonly exclude: unknown;
}

interface Topic {
  epoch: string | null;
  seq: number;
  value: number;
  messages: Message[];
}

const PAGE_SIZE = 4;

/** The data of the fake backend: topics with their messages, counters with their values. */
export class FakeTopics {
  readonly #topics = new Map<string, Topic>();
  readonly #byKey = new Map<unknown, Frame>();
  #epochs = 0;

  publish(topic: string, data: unknown, exclude: unknown): Frame {
    const { epoch, seq } = this.#next(topic);
    const frame = { type: 'message', topic, epoch, seq, data, publishedAt: '2026-11-21T00:00:00.000Z' };
    this.#of(topic).messages.push({ frame, exclude });
    return frame;
  }

  change(counter: string, delta: number): Frame {
    const { epoch, seq } = this.#next(`counter:${counter}`);
    const topic = this.#of(`counter:${counter}`);
    topic.value += delta;
    return { counter, value: topic.value, epoch, seq };
  }

  valueOf(counter: string): number {
    return this.#of(`counter:${counter}`).value;
  }

  /** Acts once for each key. A later call with the key returns the answer of the first. */
  once(key: unknown, act: () => Frame): Frame {
    const known = (key === undefined ? undefined : this.#byKey.get(key)) ?? act();
    this.#byKey.set(key, known);
    return known;
  }

  /** The server keeps keys for ten minutes only. */
  forgetKeys(): void {
    this.#byKey.clear();
  }

  /** The archive is lost: from now on nothing of what was can be had. */
  expire(topic: string): void {
    this.#of(topic).messages = [];
  }

  /** The topic is restored to where it was earlier. */
  rewind(name: string, seq: number): void {
    const topic = this.#of(name);
    topic.seq = seq;
    topic.messages = topic.messages.filter(({ frame }) => frame.seq <= seq);
  }

  /** The numbering begins again. */
  restart(topic: string): void {
    this.#topics.delete(topic);
  }

  recover(frame: Pick<SubscribeFrame, 'topic' | 'position' | 'history'>, who: unknown): Frame[] {
    const { topic, position, history = 0 } = frame;
    const { epoch, seq, value, messages } = this.#of(topic);
    const head = { type: 'subscribed', topic, epoch, seq };
    if (topic.startsWith('counter:')) return [{ ...head, recovered: true, ...(epoch === null ? {} : { value }) }];
    const after = position?.seq ?? seq - history;
    const missed = messages.filter((message) => message.frame.seq > after);
    const isSameLife = position === undefined || position.epoch === epoch || position.epoch === null;
    const isWhole = position === undefined || missed.length === seq - after;
    if (!isSameLife || !isWhole) return [{ ...head, recovered: false, messages: [] }];
    return pages(
      head,
      missed.filter(({ exclude }) => exclude !== who).map((message) => message.frame),
    );
  }

  /** The answers to a subscribe: with `positions`, first those for each of these topics that is elsewhere. */
  answersTo(frame: Pick<SubscribeFrame, 'topic' | 'position' | 'positions' | 'history'>, who: unknown): Frame[] {
    const named = Object.entries(frame.positions ?? {}).filter(([topic, { epoch, seq }]) => {
      const here = this.#of(topic);
      return here.epoch !== epoch || here.seq !== seq;
    });
    return [
      ...named.flatMap(([topic, position]) =>
        this.recover({ topic, position }, who).map((answer) => ({ ...answer, wildcard: frame.topic })),
      ),
      ...this.recover(frame, who),
    ];
  }

  #next(name: string): { readonly epoch: string; readonly seq: number } {
    const topic = this.#of(name);
    topic.epoch ??= `epoch-${(this.#epochs += 1)}`;
    topic.seq += 1;
    return { epoch: topic.epoch, seq: topic.seq };
  }

  #of(name: string): Topic {
    const topic = this.#topics.get(name) ?? { epoch: null, seq: 0, value: 0, messages: [] };
    this.#topics.set(name, topic);
    return topic;
  }
}

function pages(head: Frame, messages: readonly (Frame & { readonly seq: number })[]): Frame[] {
  const frames: Frame[] = [];
  for (let start = 0; start === 0 || start < messages.length; start += PAGE_SIZE) {
    const page = messages.slice(start, start + PAGE_SIZE);
    const isLast = start + PAGE_SIZE >= messages.length;
    const more = isLast ? {} : { more: true, seq: page.at(-1)?.seq };
    frames.push({ ...head, recovered: true, messages: page, ...more });
  }
  return frames;
}

/** Whether one of these subscriptions, to topics and wildcards, brings a topic. */
export const reaches = (subscriptions: ReadonlySet<string>, topic: string): boolean =>
  [...subscriptions].some((each) =>
    each.endsWith('*') && each !== topic ? topic.startsWith(each.slice(0, -1)) : each === topic,
  );

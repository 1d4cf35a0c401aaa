import type { SubscribeFrame } from '../../../shared/protocol/client-frames.ts';
import type { Position } from '../../../shared/protocol/position.ts';
import type { ErrorFrame, ServerFrame, SubscribedFrame } from '../../../shared/protocol/server-frames.ts';
import type { Clock } from '../types.ts';
import * as BOUNDS from './http-bounds.ts';
import { type Door, postFrames } from './post-frames.ts';

/** The parts that a `LiveRead` uses. */
export interface LiveReadDeps {
  readonly door: Door;
  readonly clock: Clock;
  /** Called with the text of each frame. */
  readonly onFrame: (text: string) => void;
  /** Called once when a request failed. */
  readonly onLost: () => void;
}

/** A topic that is followed: the request that is not answered yet, and the position reached. */
interface FollowedTopic {
  readonly asked: SubscribeFrame | undefined;
  readonly position: Position | undefined;
}

/** The followed topics, by their names. */
type Topics = ReadonlyMap<string, FollowedTopic>;

/** A frame that shows how far a topic has come. */
interface Reached extends Position {
  readonly closed?: true | undefined;
}

/**
 * The reading of what comes in topics: one request at a time for all of them. Its answer ends after a while, and the
 * next request goes on from the positions reached; so does the one that a new subscription begins. Where something on
 * the way holds an answer back until it ends, requests are made that end with the first news.
 */
export class LiveRead {
  readonly #deps: LiveReadDeps;
  readonly #topics = new Map<string, FollowedTopic>();
  #request = new AbortController();
  /** The request whose answer comes. */
  #reading: AbortController | undefined;
  #isDue = false;
  #isPoll = false;
  #isOver = false;
  #cancelRetry: (() => void) | undefined;
  #cancelGather: (() => void) | undefined;

  constructor(deps: LiveReadDeps) {
    this.#deps = deps;
  }

  /** Whether a subscription waits for its answer. */
  get isAsking(): boolean {
    return [...this.#topics.values()].some(({ asked }) => asked !== undefined);
  }

  /** Asks for a topic, or for more of one. */
  subscribe(frame: SubscribeFrame): void {
    const { topic } = frame;
    this.#topics.set(topic, { asked: frame, position: this.#topics.get(topic)?.position });
    this.#restart();
  }

  unsubscribe(topic: string): void {
    if (this.#topics.delete(topic)) this.#restart();
  }

  close(): void {
    this.#isOver = true;
    this.#cancelRetry?.();
    this.#cancelGather?.();
    this.#request.abort();
  }

  /**
   * Begins the next request once all topics of this moment are known, and after a while where an answer still comes:
   * that one goes on meanwhile. An awaited retry begins the next request itself.
   */
  #restart(): void {
    if (this.#cancelRetry !== undefined || this.#isDue) return;
    this.#isDue = true;
    if (this.#reading !== undefined) this.#cancelGather = this.#deps.clock.after(BOUNDS.GATHER_MS, () => this.#begin());
    else queueMicrotask(() => this.#begin());
  }

  #begin(): void {
    this.#isDue = false;
    this.#cancelGather?.();
    if (this.#cancelRetry !== undefined) return;
    this.#request.abort();
    void this.#run();
  }

  async #run(): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    const { clock, onLost } = this.#deps;
    try {
      while (this.#mayGoOn(request)) {
        const startMs = clock.now();
        await this.#readOnce(request);
        await this.#pause(startMs + BOUNDS.PAUSE_MS - clock.now());
      }
    } catch {
      if (!this.#isOver && !request.signal.aborted) onLost();
    }
  }

  #mayGoOn({ signal }: AbortController): boolean {
    const isNextAwaited = this.#isDue || this.#cancelRetry !== undefined;
    return this.#topics.size > 0 && !this.#isOver && !signal.aborted && !isNextAwaited;
  }

  async #readOnce(request: AbortController): Promise<void> {
    const { signal } = request;
    const asked = new Map(this.#topics);
    this.#reading = request;
    const cancelWatch = { now: this.#watch(request, this.#firstByteMs) };
    const onBytes = (): void => {
      cancelWatch.now();
      cancelWatch.now = this.#watch(request, this.#isPoll ? BOUNDS.POLL_MS : BOUNDS.QUIET_MS);
    };
    try {
      for await (const text of postFrames(this.#deps.door, framesOf(asked), {
        signal,
        isPoll: this.#isPoll,
        onBytes,
      })) {
        // One read may bring several frames, and a listener may have subscribed meanwhile.
        if (signal.aborted) return;
        this.#take(text, asked);
      }
    } finally {
      cancelWatch.now();
      if (this.#reading === request) this.#reading = undefined;
    }
  }

  get #firstByteMs(): number {
    if (this.#isPoll) return BOUNDS.POLL_MS;
    return this.isAsking ? BOUNDS.FIRST_BYTE_MS : BOUNDS.QUIET_MS;
  }

  /** Gives a request up when nothing of its answer comes for a time. */
  #watch(request: AbortController, delayMs: number): () => void {
    return this.#deps.clock.after(delayMs, () => {
      if (request.signal.aborted) return;
      if (this.#isPoll) {
        request.abort();
        return this.#deps.onLost();
      }
      this.#isPoll = true;
      this.#restart();
    });
  }

  #take(text: string, asked: Topics): void {
    const frame: ServerFrame = JSON.parse(text);
    if (frame.type === 'subscribed' && frame.more !== true) this.#answered(frame, asked);
    if (frame.type === 'message') this.#reach(frame.topic, frame);
    if (frame.type === 'state') this.#reach(`counter:${frame.counter}`, frame);
    if (frame.type === 'error') return this.#refused(frame, text);
    this.#deps.onFrame(text);
  }

  /** Notes an answer, unless the topic was asked for again since the request began. */
  #answered(frame: SubscribedFrame, asked: Topics): void {
    const followed = this.#topics.get(frame.topic);
    if (followed === undefined) return;
    if (followed.asked === undefined || followed.asked === asked.get(frame.topic)?.asked)
      this.#note(frame.topic, frame);
  }

  /** Notes a position. Before a subscription is answered, what comes shows none from which it could go on. */
  #reach(topic: string, frame: Reached): void {
    const followed = this.#topics.get(topic);
    if (followed !== undefined && followed.asked === undefined) this.#note(topic, frame);
  }

  /** A closed topic is followed no more: the server would tell its end in each answer. */
  #note(topic: string, { epoch, seq, closed }: Reached): void {
    if (closed === true) this.#topics.delete(topic);
    else this.#topics.set(topic, { asked: undefined, position: { epoch, seq } });
  }

  #refused({ id, code, topics = [], retryAfterMs }: ErrorFrame, text: string): void {
    for (const [topic, { asked, position }] of this.#topics) {
      const isAsked = id !== undefined && asked?.id === id;
      if (isAsked && position !== undefined) this.#topics.set(topic, { asked: undefined, position });
      else if (isAsked || (id === undefined && topics.includes(topic))) this.#topics.delete(topic);
    }
    const isPassing = id === undefined && (code === 'unavailable' || code === 'rate-limited');
    // A request in the pause after a refusal would be refused again at once.
    if (isPassing || (id === undefined && topics.length === 0)) this.#retryAfter(retryAfterMs ?? BOUNDS.RETRY_MS);
    if (!isPassing) this.#deps.onFrame(text);
  }

  /** Asks for all topics again after a time: one that could not go on is not in the current answer any more. */
  #retryAfter(delayMs: number): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#deps.clock.after(delayMs, () => {
      this.#cancelRetry = undefined;
      this.#begin();
    });
  }

  async #pause(delayMs: number): Promise<void> {
    if (delayMs > 0) await new Promise<void>((resolve) => this.#deps.clock.after(delayMs, resolve));
  }
}

const framesOf = (topics: Topics): readonly string[] =>
  [...topics].map(([topic, { asked, position }]) => JSON.stringify(asked ?? { action: 'subscribe', topic, position }));

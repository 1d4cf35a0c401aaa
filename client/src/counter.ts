import type { CounterFrame } from '../../shared/protocol/client-frames.ts';
import * as BOUNDS from './bounds.ts';
import { checkNumber, type NumberRange } from './check-number.ts';
import { Emitter } from './emitter.ts';
import { OptimisticValue } from './optimistic-value.ts';
import type { RealtimeError } from './realtime-error.ts';
import { acknowledgedAt } from './requests.ts';
import { SubscribeRequests } from './subscribe-requests.ts';
import type { TopicEvents, TopicFrames, TopicReceiver, TopicReceiverDeps } from './topic-receiver.ts';
import type { Position, SubscriptionState } from './types.ts';
import type { UrlTopic } from './url-with-topics.ts';

/** The bounds of a change. The server refuses a change that would leave them, with `out-of-bounds`. */
export interface CounterBounds {
  readonly min?: number;
  readonly max?: number;
}

/** The events of a counter. */
export interface CounterEvents extends TopicEvents {
  /** The value to show, each time it changes. */
  readonly change: number;
}

/** The options of `counter`. */
export interface CounterOptions {
  /**
   * Whether to return a separate object, with separate listeners and a separate end. The counter on the wire ends with
   * the last of its objects. Default: false, the same object each time.
   */
  readonly separate?: boolean;
}

/** A shared counter, kept up to date through every reconnect. */
export interface Counter {
  readonly name: string;
  readonly state: SubscriptionState;
  /** The error of a counter in the state `failed`; undefined in any other state. */
  readonly error: RealtimeError | undefined;
  /** The value, with the changes of this client applied at once; undefined until the server has reported one. */
  readonly value: number | undefined;
  on<Name extends keyof CounterEvents>(name: Name, listener: (event: CounterEvents[Name]) => void): () => void;
  /**
   * Adds `by`, a whole number from 1 to a billion (default 1). Resolves to the value right after it, changes of others
   * included.
   */
  increment(by?: number, bounds?: CounterBounds): Promise<number>;
  /** Subtracts `by`, a whole number from 1 to a billion (default 1). */
  decrement(by?: number, bounds?: CounterBounds): Promise<number>;
  /** Ends the counter for all who use this object. Separate objects of it go on. */
  unsubscribe(): void;
}

/** The prefix of a counter's name in the name of its topic. */
export const COUNTER_PREFIX = 'counter:';

const COUNTER_RANGE: NumberRange = [-BOUNDS.COUNTER_VALUE, BOUNDS.COUNTER_VALUE];

/** The subscription to a counter's topic, and the changes of this client. The counters of the application share it. */
export class CounterSubscription implements TopicReceiver {
  readonly name: string;
  readonly topic: string;
  readonly #deps: TopicReceiverDeps;
  readonly requests: SubscribeRequests;
  readonly #handles = new Set<CounterHandle>();
  /** The counter for all who ask for none of their own. */
  #common: CounterHandle | undefined;
  readonly #value = new OptimisticValue();
  #shown: number | undefined;

  constructor(deps: TopicReceiverDeps, name: string) {
    this.name = name;
    this.topic = COUNTER_PREFIX + name;
    this.#deps = deps;
    this.requests = new SubscribeRequests({
      clock: deps.clock,
      request: deps.request,
      // Without a position: only the newest value is needed, and every answer has it.
      frame: () => ({ action: 'subscribe', topic: this.topic, batch: true }),
      onState: (state) => this.#emit('state', state),
      onError: (error) => this.#emit('error', error),
    });
  }

  get value(): number | undefined {
    return this.#value.value;
  }

  get position(): Position | undefined {
    return this.#value.position;
  }

  /** Returns a counter for the application: a separate one, or the one that is common to all who ask for none. */
  attach({ separate = false }: CounterOptions): Counter {
    // In a listener to its end, the common one has ended and is still known.
    if (!separate && this.#common !== undefined && this.#common.state !== 'ended') return this.#common;
    const handle = new CounterHandle(this);
    if (!separate) this.#common = handle;
    this.#handles.add(handle);
    return handle;
  }

  /** Forgets a counter of the application, and ends with the last one. */
  release(handle: CounterHandle): void {
    this.#handles.delete(handle);
    if (handle === this.#common) this.#common = undefined;
    if (this.#handles.size > 0 || this.requests.state === 'ended') return;
    this.close();
    this.#deps.release(this);
  }

  forUrl(): UrlTopic {
    return { topic: this.topic };
  }

  online(inUrl: boolean): void {
    if (inUrl) this.requests.expect();
    else this.requests.request();
  }

  offline(): void {
    this.requests.offline();
  }

  renew(inUrl: boolean): void {
    this.requests.renew(inUrl);
  }

  close(): void {
    for (const handle of this.#handles) handle.end();
    this.requests.end();
  }

  receive(frame: TopicFrames): void {
    if (frame.type !== 'state' && frame.type !== 'subscribed') return;
    const { value = 0, epoch, seq } = frame;
    this.#value.learn({ value, epoch, seq });
    if (frame.type === 'subscribed') this.requests.done();
    this.#show();
  }

  /** Changes the value by a frame, whose `delta` shows at once. Resolves to the value right after it. */
  async change(delta: number, frame: CounterFrame): Promise<number> {
    const { by = 1, min = 0, max = 0 } = frame;
    checkNumber('by', by, [1, BOUNDS.COUNTER_STEP]);
    for (const [name, value] of Object.entries({ min, max })) checkNumber(name, value, COUNTER_RANGE);
    const change = this.#value.begin(delta);
    this.#show();
    try {
      const ack = await this.#deps.request({ ...frame, key: this.#deps.newKey() });
      const snapshot = { value: ack.value ?? 0, ...acknowledgedAt(ack) };
      this.#value.acknowledge(change, snapshot);
      return snapshot.value;
    } catch (error) {
      this.#value.abandon(change);
      throw error;
    } finally {
      this.#show();
    }
  }

  #show(): void {
    const { value } = this;
    if (value === undefined || value === this.#shown) return;
    this.#shown = value;
    this.#emit('change', value);
  }

  /** Emits an event to every counter. A listener may add and remove counters meanwhile. */
  #emit<Name extends keyof CounterEvents>(name: Name, event: CounterEvents[Name]): void {
    for (const handle of new Set(this.#handles)) handle.emit(name, event);
  }
}

/** A counter of the application: separate listeners over a shared subscription. */
class CounterHandle implements Counter {
  readonly #shared: CounterSubscription;
  readonly #emitter = new Emitter<CounterEvents>();
  #isEnded = false;

  constructor(shared: CounterSubscription) {
    this.#shared = shared;
  }

  get name(): string {
    return this.#shared.name;
  }

  get state(): SubscriptionState {
    return this.#isEnded ? 'ended' : this.#shared.requests.state;
  }

  get error(): RealtimeError | undefined {
    return this.#isEnded ? undefined : this.#shared.requests.error;
  }

  get value(): number | undefined {
    return this.#shared.value;
  }

  on<Name extends keyof CounterEvents>(name: Name, listener: (event: CounterEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  emit<Name extends keyof CounterEvents>(name: Name, event: CounterEvents[Name]): void {
    this.#emitter.emit(name, event);
  }

  increment(by = 1, bounds: CounterBounds = {}): Promise<number> {
    return this.#shared.change(by, { action: 'plus', counter: this.name, by, ...bounds });
  }

  decrement(by = 1, bounds: CounterBounds = {}): Promise<number> {
    return this.#shared.change(-by, { action: 'minus', counter: this.name, by, ...bounds });
  }

  unsubscribe(): void {
    if (this.#isEnded) return;
    this.end();
    this.#shared.release(this);
  }

  /** Reports the end. No event follows. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#emitter.emit('state', 'ended');
    this.#emitter.clear();
  }
}

import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { TopicHandlerDeps } from './topic-handler.ts';
import { RealtimeError } from './realtime-error.ts';
import type { RealtimeErrorCode, SubscriptionState } from './types.ts';

export interface SubscribingDeps extends Pick<TopicHandlerDeps, 'clock' | 'request'> {
  readonly frame: () => SubscribeFrame;
  readonly onState: (state: SubscriptionState) => void;
  readonly onError: (error: RealtimeError) => void;
}

/** Codes after which the same frame, sent again, may be accepted. */
const PASSING: ReadonlySet<RealtimeErrorCode> = new Set(['unavailable', 'timeout', 'offline', 'queue-full']);

/** The subscribe requests of one topic. Repeats a request until the server has answered with a `subscribed` frame. */
export class Subscribing {
  readonly #deps: SubscribingDeps;
  #state: SubscriptionState = 'subscribing';
  #isWaiting = false;
  #cancelRetry: (() => void) | undefined;

  constructor(deps: SubscribingDeps) {
    this.#deps = deps;
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  /** Whether a request is open: its `subscribed` answer is not complete. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Sends a request, and repeats it after a while: the `subscribed` answer travels apart from the ack and can be lost. */
  request(): void {
    this.expect();
    this.#send();
  }

  /** Waits for the answer to a request that was sent otherwise, by the URL. */
  expect(): void {
    this.#startRetries();
    this.#become('subscribing');
  }

  /** Sends a request by the next connection while the current one goes on. The state does not change. */
  renew(inUrl: boolean): void {
    if (this.#state === 'failed') return;
    this.#startRetries();
    if (!inUrl) this.#send();
  }

  /** Ends the request: its answer is complete. */
  done(): void {
    this.#stopRetries();
    this.#become('live');
  }

  offline(): void {
    this.#stopRetries();
    this.#become('subscribing');
  }

  end(): void {
    this.#stopRetries();
    this.#become('ended');
  }

  #startRetries(): void {
    this.#stopRetries();
    this.#isWaiting = true;
    this.#cancelRetry = this.#deps.clock.after(BOUNDS.SUBSCRIBE_RETRY_MS, () => {
      this.#startRetries();
      this.#send();
    });
  }

  #stopRetries(): void {
    this.#cancelRetry?.();
    this.#isWaiting = false;
  }

  #send(): void {
    this.#deps.request(this.#deps.frame()).catch((error: unknown) => this.#refused(error));
  }

  #refused(error: unknown): void {
    if (!(error instanceof RealtimeError)) throw error;
    if (PASSING.has(error.code) || !this.#isWaiting) return;
    this.#stopRetries();
    this.#become('failed');
    this.#deps.onError(error);
  }

  #become(state: SubscriptionState): void {
    if (state === this.#state || this.#state === 'ended') return;
    this.#state = state;
    this.#deps.onState(state);
  }
}

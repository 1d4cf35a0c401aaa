import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import * as BOUNDS from './bounds.ts';
import type { FollowerDeps } from './follower.ts';
import { RealtimeError } from './realtime-error.ts';
import type { RealtimeErrorCode, SubscriptionState } from './types.ts';

export interface SubscribingDeps extends Pick<FollowerDeps, 'clock' | 'request'> {
  readonly frame: () => SubscribeFrame;
  readonly onState: (state: SubscriptionState) => void;
  readonly onError: (error: RealtimeError) => void;
}

/** After these the same frame, sent again, may well be accepted. */
const PASSING: ReadonlySet<RealtimeErrorCode> = new Set(['unavailable', 'timeout', 'offline', 'queue-full']);

/** Asks for a subscription until the server has answered with a `subscribed` frame. */
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

  /** Something was asked, and its answer is not complete. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Asks, and again after a while, since the answer does not come by the way of the ack and can be lost. */
  ask(): void {
    this.await();
    this.#send();
  }

  /** Expects the answer to what was asked otherwise (by the URL). */
  await(): void {
    this.#expect();
    this.#become('subscribing');
  }

  /** Asks the next connection while the current one goes on: the state does not show it. */
  renew(inUrl: boolean): void {
    if (this.#state === 'failed') return;
    this.#expect();
    if (!inUrl) this.#send();
  }

  /** The answer is complete. */
  done(): void {
    this.#forget();
    this.#become('live');
  }

  offline(): void {
    this.#forget();
    this.#become('subscribing');
  }

  end(): void {
    this.#forget();
    this.#become('ended');
  }

  #expect(): void {
    this.#forget();
    this.#isWaiting = true;
    this.#cancelRetry = this.#deps.clock.after(BOUNDS.SUBSCRIBE_RETRY_MS, () => {
      this.#expect();
      this.#send();
    });
  }

  #forget(): void {
    this.#cancelRetry?.();
    this.#isWaiting = false;
  }

  #send(): void {
    this.#deps.request(this.#deps.frame()).catch((error: unknown) => this.#refused(error));
  }

  #refused(error: unknown): void {
    if (!(error instanceof RealtimeError)) throw error;
    if (PASSING.has(error.code) || !this.#isWaiting) return;
    this.#forget();
    this.#become('failed');
    this.#deps.onError(error);
  }

  #become(state: SubscriptionState): void {
    if (state === this.#state || this.#state === 'ended') return;
    this.#state = state;
    this.#deps.onState(state);
  }
}

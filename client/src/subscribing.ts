import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import { BOUNDS } from './bounds.ts';
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
  #cancelRetry: (() => void) | undefined;

  constructor(deps: SubscribingDeps) {
    this.#deps = deps;
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  /** Asks, and again after a while, since the answer does not come by the way of the ack and can be lost. */
  ask(): void {
    this.await();
    this.#deps.request(this.#deps.frame()).catch((error: unknown) => this.#refused(error));
  }

  /** Expects the answer to what was asked otherwise (by the URL). */
  await(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#deps.clock.after(BOUNDS.SUBSCRIBE_RETRY_MS, () => this.ask());
    this.#become('subscribing');
  }

  /** The answer is complete. */
  done(): void {
    this.#cancelRetry?.();
    this.#become('live');
  }

  offline(): void {
    this.#cancelRetry?.();
    this.#become('subscribing');
  }

  end(): void {
    this.#cancelRetry?.();
    this.#become('ended');
  }

  #refused(error: unknown): void {
    if (!(error instanceof RealtimeError)) throw error;
    if (PASSING.has(error.code) || this.#state !== 'subscribing') return;
    this.#cancelRetry?.();
    this.#become('failed');
    this.#deps.onError(error);
  }

  #become(state: SubscriptionState): void {
    if (state === this.#state || this.#state === 'ended') return;
    this.#state = state;
    this.#deps.onState(state);
  }
}

import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import * as BOUNDS from './bounds.ts';
import { RealtimeError } from './realtime-error.ts';
import type { TopicReceiverDeps } from './topic-receiver.ts';
import type { RealtimeErrorCode, SubscriptionState } from './types.ts';

/** The parts that `SubscribeRequests` uses. */
export interface SubscribeRequestsDeps extends Pick<TopicReceiverDeps, 'clock' | 'request'> {
  readonly frame: () => SubscribeFrame;
  readonly onState: (state: SubscriptionState) => void;
  readonly onError: (error: RealtimeError) => void;
}

/** Codes after which the same frame, sent again, may be accepted. */
const PASSING: ReadonlySet<RealtimeErrorCode> = new Set(['unavailable', 'timeout']);

/** The subscribe requests of one topic. Repeats a request until the server has answered with a `subscribed` frame. */
export class SubscribeRequests {
  readonly #deps: SubscribeRequestsDeps;
  #state: SubscriptionState = 'subscribing';
  #error: RealtimeError | undefined;
  #isWaiting = false;
  #cancelRetry: (() => void) | undefined;
  #lastSent = 0;
  /** The number of the newest request that was acknowledged. */
  #lastAcknowledged = 0;

  constructor(deps: SubscribeRequestsDeps) {
    this.#deps = deps;
  }

  get state(): SubscriptionState {
    return this.#state;
  }

  /** The error of a failed subscription; undefined in any other state. */
  get error(): RealtimeError | undefined {
    return this.#error;
  }

  /** Whether a request is open: its `subscribed` answer is not complete. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /**
   * Sends a request, and repeats it after a while: the `subscribed` answer travels apart from the ack and can be lost.
   */
  request(): void {
    this.expect();
    this.#send();
  }

  /** Waits for the answer to a request that was sent otherwise, by the URL. */
  expect(): void {
    this.#startRetries();
    this.#become('subscribing');
  }

  /**
   * Sends a request without a change of state, by the next connection or with other options. `inUrl`: the URL has sent
   * it.
   */
  renew(inUrl: boolean): void {
    // The next connection may be a WebSocket, which has what this one lacks.
    if (this.#state === 'failed' && this.#error?.code !== 'needs-websocket') return;
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
    if (this.#state === 'ended') return;
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
    if (this.#state === 'ended') return;
    this.#lastSent += 1;
    const number = this.#lastSent;
    this.#deps.request(this.#deps.frame()).then(
      () => this.#acknowledged(number),
      (error: unknown) => this.#refused(error, number),
    );
  }

  #acknowledged(number: number): void {
    this.#lastAcknowledged = Math.max(this.#lastAcknowledged, number);
  }

  #refused(error: unknown, number: number): void {
    if (!(error instanceof RealtimeError)) throw error;
    // A new connection, or a later frame, subscribes again.
    if (error.code === 'offline' || this.#state === 'ended') return;
    // The `subscribed` frame that was taken may have answered an earlier request.
    const isOpen = this.#isWaiting || number <= this.#lastAcknowledged;
    if (PASSING.has(error.code)) return isOpen ? undefined : this.#startRetries();
    if (this.#isWaiting) this.fail(error);
  }

  /** Ends the request: the server has refused it. */
  fail(error: RealtimeError): void {
    this.#stopRetries();
    if (this.#state === 'failed' || this.#state === 'ended') return;
    this.#become('failed', error);
    this.#deps.onError(error);
  }

  #become(state: SubscriptionState, error?: RealtimeError): void {
    if (state === this.#state || this.#state === 'ended') return;
    this.#state = state;
    this.#error = error;
    this.#deps.onState(state);
  }
}

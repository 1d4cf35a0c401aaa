import * as BOUNDS from './bounds.ts';
import { RealtimeError } from './realtime-error.ts';
import type { TopicReceiverDeps } from './topic-receiver.ts';

/** The parts that `OwnState` uses. */
export interface OwnStateDeps extends Pick<TopicReceiverDeps, 'clock' | 'request'> {
  /** Whether the newest connection is subscribed to the topic. */
  readonly isReady: () => boolean;
  readonly onError: (error: RealtimeError) => void;
}

/**
 * The state of this client's member in one topic. Sends the last value that was set, one frame at a time and at most
 * one in `STATE_MS`: a frame that is repeated must not overtake a later one.
 */
export class OwnState {
  readonly #deps: OwnStateDeps;
  readonly #topic: string;
  #state: unknown;
  #isDue = false;
  #isSending = false;

  constructor(deps: OwnStateDeps, topic: string) {
    this.#deps = deps;
    this.#topic = topic;
  }

  set(state: unknown): void {
    this.#state = state;
    this.#isDue = true;
    void this.#send();
  }

  /** Sends what is due; to a new connection, which has no state yet, the value that was set last. */
  resume(isNew: boolean): void {
    if (isNew && this.#state !== undefined && this.#state !== null) this.#isDue = true;
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#isDue && this.#deps.isReady()) {
      this.#isDue = false;
      const pause = new Promise<void>((resolve) => this.#deps.clock.after(BOUNDS.STATE_MS, resolve));
      await this.#deps.request({ action: 'setPresence', topic: this.#topic, state: this.#state }).catch(this.#failed);
      await pause;
    }
    this.#isSending = false;
  }

  #failed = (error: unknown): void => {
    if (!(error instanceof RealtimeError)) throw error;
    if (error.code === 'offline') this.#isDue = true;
    else this.#deps.onError(error);
  };
}

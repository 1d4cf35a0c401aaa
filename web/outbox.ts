import { RealtimeError, type Published, type RealtimeErrorCode } from '../client/src/index.ts';

/** A text on its way to a topic. */
export interface Outgoing {
  readonly text: string;
  /** The topic that it is published to. Empty: the form's own. */
  readonly topic: string;
  /** The data of the message: the text, or the text and a name. */
  readonly data: unknown;
  /** The idempotency key: sent again with it, the message counts once. */
  readonly key: string;
  /** Time of the day in ms when it was first published with this key. */
  readonly sinceMs: number;
  /** Whether it was ever sent with this key: then it may have been published, whatever later attempts say. */
  readonly wasSent: boolean;
}

/** The knowledge of a text whose publish failed. */
export type Fate =
  /** Never sent. */
  | 'not-sent'
  /** Sent and not answered. With its key it can be sent again and counts once. */
  | 'unknown'
  /** Sent and not answered, so long ago that the server has forgotten its key. */
  | 'unknown-for-good'
  /** Refused by the server or the client. */
  | 'refused';

/** The parts that an `Outbox` uses. */
export interface OutboxDeps {
  readonly publish: (outgoing: Outgoing) => Promise<Published>;
  readonly newKey: () => string;
  /** Time of day in ms. */
  readonly now: () => number;
  readonly onPublished: (published: Published) => void;
  readonly onFailed: (outgoing: Outgoing, fate: Fate, error: unknown) => void;
}

/**
 * Age in ms from which a text is not sent again with its key: one minute less than the ten after which the server
 * forgets it, for the publish itself.
 */
const KEY_LIFE_MS = 9 * 60_000;

/** The number of texts that may wait for an earlier one. */
const MOST_WAITING = 100;

/** Codes of failures that say nothing of the text: a later one would fail in the same way, or overtake it. */
const PASSING: ReadonlySet<RealtimeErrorCode> = new Set(['offline', 'timeout', 'unavailable', 'queue-full']);

/** The codes in `PASSING` after which the text certainly was not sent. */
const UNSENT: ReadonlySet<RealtimeErrorCode> = new Set(['offline', 'queue-full']);

/**
 * The texts of one form on their way. One is published at a time, since the client keeps no order between publishes
 * with keys of their own. If one fails for a reason that passes, those behind it are not sent either: they would
 * overtake it.
 */
export class Outbox {
  readonly #deps: OutboxDeps;
  #waiting: Outgoing[] = [];
  #isBusy = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  /** Whether one more text may wait. */
  get hasRoom(): boolean {
    return this.#waiting.length < MOST_WAITING;
  }

  /** Publishes a text, after those that wait. */
  add(text: string, data: unknown, topic = ''): void {
    this.#push({ text, data, topic, ...this.#newAttempt() });
  }

  /**
   * Publishes a failed text again: with its key, as long as the server remembers it. Past that, the text may appear
   * twice; this is reported first as `unknown-for-good`, and the next call publishes it under a new key.
   */
  again(outgoing: Outgoing, fate: Fate): void {
    if (fate === 'unknown' && this.#deps.now() - outgoing.sinceMs >= KEY_LIFE_MS) {
      this.#deps.onFailed(outgoing, 'unknown-for-good', undefined);
    } else this.#push(fate === 'unknown' ? outgoing : { ...outgoing, ...this.#newAttempt() });
  }

  #newAttempt(): Pick<Outgoing, 'key' | 'sinceMs' | 'wasSent'> {
    return { key: this.#deps.newKey(), sinceMs: this.#deps.now(), wasSent: false };
  }

  #push(outgoing: Outgoing): void {
    this.#waiting.push(outgoing);
    if (!this.#isBusy) void this.#publishAll();
  }

  async #publishAll(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#publish(next);
    this.#isBusy = false;
  }

  async #publish(outgoing: Outgoing): Promise<void> {
    const { publish, onPublished, now } = this.#deps;
    const { wasSent } = outgoing;
    // A text that was sent before keeps its time.
    const sinceMs = wasSent ? outgoing.sinceMs : now();
    try {
      onPublished(await publish(outgoing));
    } catch (error) {
      const isPassing = error instanceof RealtimeError && PASSING.has(error.code);
      this.#fail({ ...outgoing, sinceMs, wasSent: wasSent || (isPassing && !UNSENT.has(error.code)) }, error);
      if (!isPassing) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const behind of waiting) this.#fail(behind, error);
    }
  }

  #fail(outgoing: Outgoing, error: unknown): void {
    const isPassing = error instanceof RealtimeError && PASSING.has(error.code);
    const fate = outgoing.wasSent ? 'unknown' : isPassing ? 'not-sent' : 'refused';
    this.#deps.onFailed(outgoing, fate, error);
  }
}

import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame, ErrorFrame } from '../../shared/protocol/server-frames.ts';
import { backoffMs } from './backoff.ts';
import { BOUNDS } from './bounds.ts';
import { RealtimeError } from './realtime-error.ts';
import type { Clock } from './types.ts';

export interface RequestsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** False when there is no connection. */
  readonly send: (frame: object) => boolean;
}

interface Waiting {
  readonly frame: ClientFrame;
  readonly resolve: (ack: AckFrame) => void;
  readonly reject: (error: RealtimeError) => void;
  readonly cancelTimeout: () => void;
  /** Whether it ever left: if not, it certainly was not done. */
  wasSent: boolean;
  /** How often the server could not do it just now. */
  failures: number;
  cancelRetry?: () => void;
}

/**
 * Frames that wait for their `ack` or `error`, by id. A frame with a `key` outlives a connection: it waits for the next one
 * and is sent again, as it is when the server could not do it just now, and counts once. One without is given up with its
 * connection.
 */
export class Requests {
  readonly #deps: RequestsDeps;
  readonly #waiting = new Map<string, Waiting>();
  #lastId = 0;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  request(frame: ClientFrame): Promise<AckFrame> {
    if (this.#waiting.size >= BOUNDS.WAITING_REQUESTS) {
      const message = `${BOUNDS.WAITING_REQUESTS} requests are waiting already.`;
      return Promise.reject(new RealtimeError('queue-full', message));
    }
    this.#lastId += 1;
    return this.#enqueue({ ...frame, id: String(this.#lastId) }, String(this.#lastId));
  }

  /** Takes an answer to its request. */
  settle(answer: AckFrame | (ErrorFrame & { id: string })): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.type === 'ack') this.#remove(answer.id)?.resolve(answer);
    else if (waiting !== undefined && isPassing(answer) && isKeyed(waiting.frame)) this.#retry(waiting);
    else this.#fail(answer.id, new RealtimeError(answer.code, answer.message));
  }

  /** A connection is there: what waits for one is sent, in the order in which it was asked. */
  online(): void {
    for (const waiting of this.#waiting.values()) this.#send(waiting);
  }

  /** The connection is gone. */
  offline(): void {
    for (const [id, { frame }] of this.#waiting) {
      if (!isKeyed(frame)) this.#fail(id, new RealtimeError('offline', 'The connection was lost.'));
    }
  }

  close(): void {
    for (const id of this.#waiting.keys()) this.#fail(id, new RealtimeError('closed', 'The connection is closed.'));
  }

  #enqueue(frame: ClientFrame, id: string): Promise<AckFrame> {
    const { promise, resolve, reject } = Promise.withResolvers<AckFrame>();
    const cancelTimeout = this.#deps.clock.after(BOUNDS.REQUEST_TIMEOUT_MS, () => this.#timeOut(id));
    const waiting: Waiting = { frame, resolve, reject, cancelTimeout, wasSent: false, failures: 0 };
    this.#waiting.set(id, waiting);
    this.#send(waiting);
    return promise;
  }

  /** With its key it counts once, whether or not the attempt before was done after all. */
  #retry(waiting: Waiting): void {
    const { clock, random } = this.#deps;
    const delayMs = backoffMs({ baseMs: BOUNDS.RETRY_BASE_MS, capMs: BOUNDS.RETRY_CAP_MS }, waiting.failures, random);
    waiting.failures += 1;
    waiting.cancelRetry?.();
    waiting.cancelRetry = clock.after(delayMs, () => this.#send(waiting));
  }

  #send(waiting: Waiting): void {
    waiting.cancelRetry?.();
    if (this.#deps.send(waiting.frame)) waiting.wasSent = true;
  }

  #timeOut(id: string): void {
    const seconds = BOUNDS.REQUEST_TIMEOUT_MS / 1_000;
    const error = this.#waiting.get(id)?.wasSent
      ? new RealtimeError('timeout', `No answer within ${seconds} seconds; it may have been done or not.`)
      : new RealtimeError('offline', `Offline for ${seconds} seconds; it was not sent.`);
    this.#fail(id, error);
  }

  #fail(id: string, error: RealtimeError): void {
    this.#remove(id)?.reject(error);
  }

  #remove(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    waiting?.cancelTimeout();
    waiting?.cancelRetry?.();
    this.#waiting.delete(id);
    return waiting;
  }
}

/** The server invites to try again. */
const isPassing = ({ code }: ErrorFrame): boolean => code === 'unavailable';

const isKeyed = (frame: ClientFrame): boolean => 'key' in frame && frame.key !== undefined;

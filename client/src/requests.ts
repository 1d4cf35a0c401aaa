import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame, ErrorFrame } from '../../shared/protocol/server-frames.ts';
import { backoffMs } from './backoff.ts';
import * as BOUNDS from './bounds.ts';
import type { SocketRole } from './reconnecting-socket.ts';
import { closedError, RealtimeError } from './realtime-error.ts';
import type { Clock } from './types.ts';

export interface RequestsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** The number of requests that may wait. */
  readonly limit: number;
  readonly timeoutMs: number;
  /** Sends a frame. Returns false when there is no such connection. */
  readonly send: (text: string, role: SocketRole) => boolean;
}

/** A request without an answer yet. */
interface Waiting {
  /** The frame, serialized at the call. */
  readonly text: string;
  readonly isKeyed: boolean;
  readonly resolve: (ack: AckFrame) => void;
  readonly reject: (error: RealtimeError) => void;
  readonly cancelTimeout: () => void;
  role: SocketRole;
  /** Whether the frame was ever sent. If not, it certainly was not done. */
  wasSent: boolean;
  /** The number of failed attempts. */
  failures: number;
  /** Undefined when no retry is due. */
  cancelRetry: (() => void) | undefined;
}

/**
 * The requests that wait for an `ack` or `error`, by id. A request with a `key` outlives its connection: it is sent again by the
 * next one, or when the server answered `unavailable`, and counts once. A request without a key fails with its connection.
 */
export class Requests {
  readonly #deps: RequestsDeps;
  readonly #waiting = new Map<string, Waiting>();
  /** The number of places taken for later requests. */
  #reserved = 0;
  #lastId = 0;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  async request(frame: ClientFrame, role: SocketRole = 'current'): Promise<AckFrame> {
    this.#checkRoom();
    this.#lastId += 1;
    return this.#enqueue({ ...frame, id: String(this.#lastId) }, role);
  }

  /** Takes a place for a later request. Throws when there is none. */
  reserve(): void {
    this.#checkRoom();
    this.#reserved += 1;
  }

  /** Gives one reserved place back. */
  release(): void {
    this.#reserved -= 1;
  }

  /** Settles the request that `answer` belongs to. */
  settle(answer: AckFrame | (ErrorFrame & { id: string })): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.type === 'ack') this.#remove(answer.id)?.resolve(answer);
    else if (waiting?.isKeyed && isPassing(answer)) this.#retry(waiting);
    else this.#fail(answer.id, new RealtimeError(answer.code, answer.message));
  }

  /** Sends all requests with a key again: the server failed at one, and does not say at which. */
  someFailed(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.wasSent && waiting.cancelRetry === undefined && waiting.isKeyed) this.#retry(waiting);
    }
  }

  /** Sends the waiting requests by the new connection, in the order of the calls. */
  online(): void {
    for (const waiting of this.#waiting.values()) this.#send(waiting);
  }

  /** Fails the requests that end with the lost connection. */
  offline(): void {
    this.#failLost(() => true);
  }

  /** Moves the requests to the next connection, which has replaced the current one. Answers of the old one are lost. */
  promoted(): void {
    this.#failLost(({ role }) => role === 'current');
    for (const waiting of this.#waiting.values()) {
      const wasSentByIt = waiting.role === 'next';
      waiting.role = 'current';
      if (!wasSentByIt) this.#send(waiting);
    }
  }

  /** Fails the requests that were sent by the next connection only: it is lost. */
  nextLost(): void {
    this.#failLost(({ role }) => role === 'next');
  }

  close(): void {
    for (const id of this.#waiting.keys()) this.#fail(id, closedError());
  }

  /** Throws when there is no free place. */
  #checkRoom(): void {
    const { limit } = this.#deps;
    if (this.#waiting.size + this.#reserved >= limit)
      throw new RealtimeError('queue-full', `${limit} requests are waiting.`);
  }

  /** Fails requests of a lost connection. Only those with a key can be sent again. */
  #failLost(isLost: (waiting: Waiting) => boolean): void {
    for (const [id, waiting] of this.#waiting) {
      if (isLost(waiting) && !waiting.isKeyed) {
        this.#fail(id, new RealtimeError('offline', 'The connection was lost.'));
      }
    }
  }

  #enqueue(frame: ClientFrame & { readonly id: string }, role: SocketRole): Promise<AckFrame> {
    const { id } = frame;
    // Throws for data that JSON cannot express, before anything waits.
    const text = JSON.stringify(frame);
    const { promise, resolve, reject } = Promise.withResolvers<AckFrame>();
    const cancelTimeout = this.#deps.clock.after(this.#deps.timeoutMs, () => this.#timeOut(id));
    const waiting: Waiting = {
      text,
      isKeyed: 'key' in frame && frame.key !== undefined,
      resolve,
      reject,
      cancelTimeout,
      role,
      wasSent: false,
      failures: 0,
      cancelRetry: undefined,
    };
    this.#waiting.set(id, waiting);
    this.#send(waiting);
    return promise;
  }

  /** Sends a request again after a pause. Its key makes it count once, even if the last attempt was done after all. */
  #retry(waiting: Waiting): void {
    const { clock, random } = this.#deps;
    const delayMs = backoffMs({ baseMs: BOUNDS.RETRY_BASE_MS, capMs: BOUNDS.RETRY_CAP_MS }, waiting.failures, random);
    waiting.failures += 1;
    waiting.cancelRetry?.();
    waiting.cancelRetry = clock.after(delayMs, () => this.#send(waiting));
  }

  #send(waiting: Waiting): void {
    waiting.cancelRetry?.();
    waiting.cancelRetry = undefined;
    if (this.#deps.send(waiting.text, waiting.role)) waiting.wasSent = true;
  }

  #timeOut(id: string): void {
    const seconds = this.#deps.timeoutMs / 1_000;
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

/** Whether the same request may succeed later. */
const isPassing = ({ code }: ErrorFrame): boolean => code === 'unavailable';

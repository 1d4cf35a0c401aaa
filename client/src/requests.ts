import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame, ErrorFrame } from '../../shared/protocol/server-frames.ts';
import { backoffMs } from './backoff.ts';
import * as BOUNDS from './bounds.ts';
import type { Lane } from './connection.ts';
import { closedError, RealtimeError } from './realtime-error.ts';
import type { Clock } from './types.ts';

export interface RequestsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** Requests that may wait. */
  readonly limit: number;
  readonly timeoutMs: number;
  /** False when there is no such connection. */
  readonly send: (text: string, lane: Lane) => boolean;
}

interface Waiting {
  /** The frame as it was when it was asked. */
  readonly text: string;
  readonly isKeyed: boolean;
  readonly resolve: (ack: AckFrame) => void;
  readonly reject: (error: RealtimeError) => void;
  readonly cancelTimeout: () => void;
  lane: Lane;
  /** Whether it ever left: if not, it certainly was not done. */
  wasSent: boolean;
  /** How often the server could not do it just now. */
  failures: number;
  /** Undefined when no retry is due. */
  cancelRetry: (() => void) | undefined;
}

/**
 * Frames that wait for their `ack` or `error`, by id. A frame with a `key` outlives a connection: it waits for the next one
 * and is sent again, as it is when the server could not do it just now, and counts once. One without is given up with its
 * connection.
 */
export class Requests {
  readonly #deps: RequestsDeps;
  readonly #waiting = new Map<string, Waiting>();
  /** Places taken for what will be asked later. */
  #reserved = 0;
  #lastId = 0;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  async request(frame: ClientFrame, lane: Lane = 'current'): Promise<AckFrame> {
    this.#checkRoom();
    this.#lastId += 1;
    return this.#enqueue({ ...frame, id: String(this.#lastId) }, lane);
  }

  /** Takes the place of a request, for what will be asked later; throws when there is none. */
  reserve(): void {
    this.#checkRoom();
    this.#reserved += 1;
  }

  /** Gives one of these places back. */
  release(): void {
    this.#reserved -= 1;
  }

  /** Takes an answer to its request. */
  settle(answer: AckFrame | (ErrorFrame & { id: string })): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.type === 'ack') this.#remove(answer.id)?.resolve(answer);
    else if (waiting?.isKeyed && isPassing(answer)) this.#retry(waiting);
    else this.#fail(answer.id, new RealtimeError(answer.code, answer.message));
  }

  /** The server failed at some request, and does not say at which: those with a key are sent again. */
  someFailed(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.wasSent && waiting.cancelRetry === undefined && waiting.isKeyed) this.#retry(waiting);
    }
  }

  /** A connection is there: what waits for one is sent, in the order in which it was asked. */
  online(): void {
    for (const waiting of this.#waiting.values()) this.#send(waiting);
  }

  /** The connection is gone. */
  offline(): void {
    this.#giveUp(() => true);
  }

  /** The next connection took the place of the current one, whose answers are lost. */
  promoted(): void {
    this.#giveUp(({ lane }) => lane === 'current');
    for (const waiting of this.#waiting.values()) {
      const wasSentByIt = waiting.lane === 'next';
      waiting.lane = 'current';
      if (!wasSentByIt) this.#send(waiting);
    }
  }

  /** The next connection is gone, and the current one is kept. */
  nextLost(): void {
    this.#giveUp(({ lane }) => lane === 'next');
  }

  close(): void {
    for (const id of this.#waiting.keys()) this.#fail(id, closedError());
  }

  /** Throws when there is no place for one more. */
  #checkRoom(): void {
    const { limit } = this.#deps;
    if (this.#waiting.size + this.#reserved >= limit)
      throw new RealtimeError('queue-full', `${limit} requests wait already.`);
  }

  /** Of what went by the connection that is lost, only what has a key can be sent again. */
  #giveUp(isLost: (waiting: Waiting) => boolean): void {
    for (const [id, waiting] of this.#waiting) {
      if (isLost(waiting) && !waiting.isKeyed) {
        this.#fail(id, new RealtimeError('offline', 'The connection was lost.'));
      }
    }
  }

  #enqueue(frame: ClientFrame & { readonly id: string }, lane: Lane): Promise<AckFrame> {
    const { id } = frame;
    // What JSON cannot hold throws here, before anything waits.
    const text = JSON.stringify(frame);
    const { promise, resolve, reject } = Promise.withResolvers<AckFrame>();
    const cancelTimeout = this.#deps.clock.after(this.#deps.timeoutMs, () => this.#timeOut(id));
    const waiting: Waiting = {
      text,
      isKeyed: 'key' in frame && frame.key !== undefined,
      resolve,
      reject,
      cancelTimeout,
      lane,
      wasSent: false,
      failures: 0,
      cancelRetry: undefined,
    };
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
    waiting.cancelRetry = undefined;
    if (this.#deps.send(waiting.text, waiting.lane)) waiting.wasSent = true;
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

/** The server invites to try again. */
const isPassing = ({ code }: ErrorFrame): boolean => code === 'unavailable';

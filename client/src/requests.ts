import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type { AckFrame, ErrorFrame, HistoryFrame, MessageFrame } from '../../shared/protocol/server-frames.ts';
import { backoffMs } from './backoff.ts';
import * as BOUNDS from './bounds.ts';
import { isPassing } from './is-passing.ts';
import { bytesOf, toJson, tooLargeError } from './json.ts';
import { realtimeErrorOf, RealtimeError } from './realtime-error.ts';
import type { SocketRole } from './reconnecting-socket.ts';
import { inSequence, type TopicEffect, topicEffectOf } from './topic-effect.ts';
import type { Clock } from './types.ts';
import type { RequestAnswer, WaitingRequest } from './waiting-request.ts';

/** The parts that `Requests` uses. */
export interface RequestsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** The number of publishes and counter changes that may wait. */
  readonly limit: number;
  readonly timeoutMs: number;
  /** Sends a frame. Returns false when there is no such connection. */
  readonly send: (text: string, role: SocketRole) => boolean;
}

/**
 * The requests that wait for an `ack` or `error`, by id. A request with a `key` outlives its connection: it is sent
 * again by the next one, or when the server answered `unavailable`, and counts once. A request for history only reads,
 * and is sent again as well; one at a time for each topic is in flight. Any other request fails with its connection.
 *
 * API Gateway keeps no order between frames. A subscribe or unsubscribe frame therefore waits for the answer to an
 * earlier one of its topic and connection with another effect: handled in reverse, they would leave the topic in the
 * wrong state.
 */
export class Requests {
  readonly #deps: RequestsDeps;
  readonly #waiting = new Map<string, WaitingRequest>();
  /** The requests that were refused because of the rate, and are not settled. All others wait for them. */
  readonly #refused = new Set<WaitingRequest>();
  /** The number of places taken by requests of the application and reservations. */
  #places = 0;
  #lastId = 0;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  async request(frame: ClientFrame, role: SocketRole = 'current'): Promise<RequestAnswer> {
    this.#lastId += 1;
    const id = String(this.#lastId);
    const text = toJson({ ...frame, id }) ?? '';
    if (bytesOf(text) > BOUNDS.FRAME_BYTES) throw tooLargeError('The frame', BOUNDS.FRAME_BYTES);
    const effect = topicEffectOf(frame);
    if (effect === undefined) this.reserve();
    else this.#supersede(effect, role);
    const { promise, ...settlers } = Promise.withResolvers<RequestAnswer>();
    const historyOf = 'before' in frame ? frame.topic : undefined;
    const isRepeatable = historyOf !== undefined || ('key' in frame && frame.key !== undefined);
    const state = { role, isInFlight: false, failures: 0, messages: new Map<number, MessageFrame>() };
    const waiting: WaitingRequest = { id, text, isRepeatable, historyOf, effect, ...state, ...settlers };
    this.#waiting.set(id, waiting);
    if (effect === undefined) this.#startTimeout(waiting, this.#deps.timeoutMs);
    this.#send(waiting);
    return promise;
  }

  /** Takes a place for a later request. Throws when there is none. */
  reserve(): void {
    const { limit } = this.#deps;
    if (this.#places >= limit) throw new RealtimeError('queue-full', `${limit} requests are waiting.`);
    this.#places += 1;
  }

  /** Gives one place back. */
  release(): void {
    this.#places -= 1;
  }

  /**
   * Whether an unsubscribe frame of the topic is without an answer: the server may end the subscription at any moment.
   */
  isUnsubscribing(topic: string, role: SocketRole): boolean {
    return this.#topicRequests(topic, role).some(({ effect }) => effect?.state === '');
  }

  /** Settles the request that `answer` belongs to. */
  settle(answer: AckFrame | HistoryFrame | ErrorFrame): void {
    const waiting = this.#waiting.get(answer.id ?? '');
    if (waiting === undefined) return;
    if (answer.type === 'error' && answer.code === 'token-expired') return this.#lose(waiting);
    if (answer.type === 'error' && isPassing(answer, waiting.isRepeatable)) {
      if (answer.code === 'rate-limited') this.#refused.add(waiting);
      return this.#retry(waiting, answer.retryAfterMs);
    }
    const { messages } = waiting;
    if (answer.type === 'history') for (const message of answer.messages) messages.set(message.seq, message);
    if (answer.type === 'history' && answer.more) return;
    this.#remove(waiting);
    if (answer.type === 'error') {
      waiting.reject(realtimeErrorOf(answer));
    } else waiting.resolve({ ...answer, messages: [...messages.values()] });
    this.#sendFollowing(waiting);
  }

  /** Sends all requests with a key again: the server failed at one, and does not say at which. */
  someFailed(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.isInFlight && waiting.cancelRetry === undefined && waiting.isRepeatable) this.#retry(waiting);
    }
  }

  /** Sends the waiting requests by the new connection, in the order of the calls. */
  online(): void {
    for (const waiting of this.#waiting.values()) if (!waiting.isInFlight) this.#send(waiting);
  }

  /**
   * Fails the requests that were sent by a lost connection, by both without a role. Those with a key can be sent again.
   */
  lost(role?: SocketRole): void {
    for (const waiting of this.#waiting.values()) if (waiting.role === (role ?? waiting.role)) this.#lose(waiting);
  }

  /** Moves the requests to the next connection, which has replaced the current one. Answers of the old one are lost. */
  promoted(): void {
    this.lost('current');
    for (const waiting of this.#waiting.values()) waiting.role = 'current';
    this.online();
  }

  /** Fails all requests. */
  stop(error: RealtimeError): void {
    for (const waiting of this.#waiting.values()) this.#fail(waiting, error);
  }

  /** Notes that a request is not in flight. The next connection sends it again; another one fails if it has no key. */
  #lose(waiting: WaitingRequest): void {
    waiting.isInFlight = false;
    if (!waiting.isRepeatable) this.#fail(waiting, new RealtimeError('offline', 'The connection was lost.'));
  }

  /**
   * Drops the frames of the topic that still wait for an earlier one: the newest frame says what the topic shall be.
   */
  #supersede({ topic }: TopicEffect, role: SocketRole): void {
    for (const waiting of this.#topicRequests(topic, role)) {
      if (!waiting.isInFlight) this.#lose(waiting);
    }
  }

  #topicRequests(topic: string, role: SocketRole): readonly WaitingRequest[] {
    return [...this.#waiting.values()].filter((each) => each.effect?.topic === topic && each.role === role);
  }

  #startTimeout(waiting: WaitingRequest, timeoutMs: number): void {
    waiting.cancelTimeout = this.#deps.clock.after(timeoutMs, () => this.#timeOut(waiting, timeoutMs / 1_000));
  }

  /** Sends a request again after the server's pause and one more. Its key makes it count once, if it was done. */
  #retry(waiting: WaitingRequest, pauseMs = 0): void {
    const { clock, random } = this.#deps;
    const delayMs = backoffMs({ baseMs: BOUNDS.RETRY_BASE_MS, capMs: BOUNDS.RETRY_CAP_MS }, waiting.failures, random);
    waiting.failures += 1;
    waiting.cancelRetry?.();
    if (waiting.effect !== undefined) waiting.cancelTimeout?.();
    waiting.cancelRetry = clock.after(pauseMs + delayMs, () => this.#send(waiting));
  }

  #send(waiting: WaitingRequest): void {
    const { clock, send } = this.#deps;
    const { effect, role, sentAtMs, text } = waiting;
    waiting.cancelRetry?.();
    waiting.cancelRetry = undefined;
    if (effect !== undefined && !inSequence(waiting, this.#topicRequests(effect.topic, role))) return;
    if (this.#historiesBeside(waiting).some(({ isInFlight }) => isInFlight)) return;
    // The server forgets keys: after a sleep of the device, a repeat could count twice.
    if (sentAtMs !== undefined && clock.now() - sentAtMs >= BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS) {
      return this.#timeOut(waiting, BOUNDS.REQUEST_TIMEOUT_MAXIMUM_MS / 1_000);
    }
    // The topics' own requests are few, and the connection is of no use without them.
    if (effect === undefined && this.#refused.size > 0 && !this.#refused.has(waiting)) {
      // A repeat has no answer to come: it is sent with those that were never sent.
      waiting.isInFlight = false;
      return;
    }
    if (!send(text, role)) return;
    waiting.isInFlight = true;
    waiting.sentAtMs ??= clock.now();
    if (effect !== undefined) this.#startTimeout(waiting, BOUNDS.TOPIC_REQUEST_TIMEOUT_MS);
  }

  /** Sends the frame of the topic that waited for this one. */
  #sendFollowing(settled: WaitingRequest): void {
    const { effect, role } = settled;
    const following = effect === undefined ? this.#historiesBeside(settled) : this.#topicRequests(effect.topic, role);
    for (const waiting of following) if (!waiting.isInFlight) this.#send(waiting);
  }

  /** Returns the other requests for the history of the same topic. The server keeps only the newest request. */
  #historiesBeside(request: WaitingRequest): readonly WaitingRequest[] {
    const { historyOf } = request;
    if (historyOf === undefined) return [];
    return [...this.#waiting.values()].filter((each) => each.historyOf === historyOf && each !== request);
  }

  #timeOut(waiting: WaitingRequest, seconds: number): void {
    this.#fail(waiting, this.#timeoutOf(waiting, seconds));
    this.#sendFollowing(waiting);
  }

  #timeoutOf({ sentAtMs }: WaitingRequest, seconds: number): RealtimeError {
    const unsent = this.#refused.size > 0 ? 'rate-limited' : 'offline';
    return sentAtMs === undefined
      ? new RealtimeError(unsent, `Not sent for ${seconds} seconds.`)
      : new RealtimeError('timeout', `No answer within ${seconds} seconds; it may have been done.`);
  }

  #fail(waiting: WaitingRequest, error: RealtimeError): void {
    this.#remove(waiting);
    waiting.reject(error);
  }

  #remove(waiting: WaitingRequest): void {
    waiting.cancelTimeout?.();
    waiting.cancelRetry?.();
    if (this.#waiting.delete(waiting.id) && waiting.effect === undefined) this.release();
    // Afterwards: where a connection was lost, its other requests have to be noted as lost before.
    if (this.#refused.delete(waiting) && this.#refused.size === 0) queueMicrotask(() => this.online());
  }
}

/** Returns the position of the change that an ack answers. */
export function acknowledgedAt({ epoch, seq }: RequestAnswer): { readonly epoch: string; readonly seq: number } {
  if (epoch === undefined || seq === undefined) throw new Error('The ack is incomplete.');
  return { epoch, seq };
}

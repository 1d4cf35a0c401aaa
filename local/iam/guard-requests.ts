import type { Socket } from 'node:net';
import { readRequest, type GuardedRequest } from './read-request.ts';

/**
 * Most bytes of one request, 17 MB: DynamoDB takes 16 MB and answers longer ones with an error. Past it the connection
 * ends.
 */
const REQUEST_MAXIMUM_BYTES = 17_000_000;

/**
 * Returns the answer to a request that does not reach the engine, as the text of a whole HTTP response; undefined for
 * one that does.
 */
export type AnswerInstead = (request: GuardedRequest) => string | undefined | Promise<string | undefined>;

/** Called when the engine has answered a request. */
export type OnAnswered = (request: GuardedRequest) => void;

/** A caller's connection, and the one to the engine behind it. */
export interface Guarded {
  readonly client: Socket;
  readonly engine: Socket;
  readonly answerInstead: AnswerInstead;
  readonly onAnswered: OnAnswered;
}

/**
 * Judges the requests of a connection, one after the other: clients of DynamoDB send the next one after the answer, so
 * an answer of the guard overtakes none of the engine.
 */
export function guardRequests(guarded: Guarded): void {
  const guard = new RequestGuard(guarded);
  guarded.client.on('data', (chunk) => guard.receive(chunk));
  guarded.engine.on('data', () => guard.answered());
}

class RequestGuard {
  readonly #guarded: Guarded;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes that the request at the beginning has at least. */
  #needed = 0;
  #isJudging = false;
  /** The request that the engine has and has not answered. */
  #passed: GuardedRequest | undefined;

  constructor(guarded: Guarded) {
    this.#guarded = guarded;
  }

  receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > REQUEST_MAXIMUM_BYTES) this.#guarded.client.destroy();
    else if (this.#bytes >= this.#needed) this.#serve();
  }

  /** Reports the beginning of an answer. */
  answered(): void {
    const request = this.#passed;
    this.#passed = undefined;
    if (request !== undefined) this.#guarded.onAnswered(request);
  }

  #serve(): void {
    while (this.#bytes > 0 && !this.#isJudging) {
      const [first] = this.#chunks;
      const buffer = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks, this.#bytes);
      const request = readRequest(buffer);
      if (request === 'malformed') return void this.#guarded.client.destroy();
      if ('needed' in request) return this.#keep(buffer, request.needed);
      this.#keep(buffer.subarray(request.bytes.length), 0);
      const instead = this.#guarded.answerInstead(request);
      if (instead instanceof Promise) void this.#await(request, instead);
      else this.#pass(request, instead);
    }
  }

  #keep(buffer: Buffer, needed: number): void {
    this.#chunks = buffer.length === 0 ? [] : [buffer];
    this.#bytes = buffer.length;
    this.#needed = needed;
  }

  async #await(request: GuardedRequest, instead: Promise<string | undefined>): Promise<void> {
    this.#isJudging = true;
    this.#guarded.client.pause();
    try {
      this.#pass(request, await instead);
    } catch (error) {
      // Nobody knows whether it may pass, so it does not.
      this.#guarded.client.destroy(error instanceof Error ? error : undefined);
      return;
    }
    this.#isJudging = false;
    this.#guarded.client.resume();
    this.#serve();
  }

  #pass(request: GuardedRequest, instead: string | undefined): void {
    const { client, engine } = this.#guarded;
    if (instead !== undefined) return void client.write(instead);
    this.#passed = request;
    if (engine.write(request.bytes)) return;
    client.pause();
    engine.once('drain', () => client.resume());
  }
}

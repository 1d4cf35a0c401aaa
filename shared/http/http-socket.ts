import type { Socket } from 'node:net';
import { type HttpAnswer, readAnswer, withPiece } from './http-answer.ts';

/** The sender of the request on a socket. Exactly one of its methods is called, once, unless it lets go. */
export interface SocketUser {
  readonly onAnswer: (answer: HttpAnswer) => void;
  /** The connection broke, or its bytes are not a valid response; `answer` is the part that arrived before. */
  readonly onBroken: (error: Error, answer: HttpAnswer | undefined) => void;
}

/** The pool of a socket: it learns of the changes of the socket's state. */
export interface SocketOwner {
  /** Bytes that are read of one response. A longer response costs its socket; its status counts all the same. */
  readonly answerBytes: number;
  /** The socket has a whole answer: `settle` it when all received bytes of this turn are read. */
  readonly onAnswered: (socket: HttpSocket) => void;
  readonly onFree: (socket: HttpSocket) => void;
  /** The socket is unusable. Called once. */
  readonly onOver: (socket: HttpSocket) => void;
}

/** A connection to an endpoint, which carries one HTTP/1.1 request after another. */
export class HttpSocket {
  readonly #socket: Socket;
  readonly #owner: SocketOwner;
  #user: SocketUser | undefined;
  #answer: HttpAnswer | undefined;
  #received = '';
  #receivedBytes = 0;
  /** An answer of which only a known number of bytes is missing: its further pieces need no parsing. */
  #long: HttpAnswer | undefined;
  #error: Error | undefined;
  #isOver = false;

  /** Takes over a connected socket. */
  constructor(socket: Socket, owner: SocketOwner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    // After an error nothing may be sent on the socket, though 'close' comes only later.
    socket.on('error', (error) => {
      this.#error ??= error;
      this.destroy();
    });
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  /** Sends a request. The socket must be free. */
  send(request: Buffer, user: SocketUser): void {
    this.#user = user;
    this.#socket.write(request);
  }

  /**
   * Returns the part of an answer that has arrived, for a user that waits no longer. The user hears no more, and the
   * socket is destroyed, since the rest of the answer may still arrive.
   */
  letGo(): HttpAnswer | undefined {
    const answer = this.#part();
    this.#user = undefined;
    this.destroy();
    return answer;
  }

  /** Hands over the answer. The socket is free again, unless it was closed after the answer. */
  settle(): void {
    const [answer, user] = [this.#answer, this.#user];
    if (answer === undefined) return;
    this.#answer = undefined;
    this.#user = undefined;
    // The answer came before the request was sent whole: the rest of it must not be taken for the next request.
    if (!answer.keepsAlive || this.#socket.writableLength > 0) this.destroy();
    else if (!this.#isOver) this.#owner.onFree(this);
    user?.onAnswer(answer);
  }

  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#owner.onOver(this);
    if (this.#answer === undefined) this.#user?.onBroken(this.#error ?? closed(), this.#part());
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    // Unsolicited bytes: destroy the socket, or the next response would be matched to the wrong request.
    if (this.#user === undefined || this.#answer !== undefined) return this.destroy();
    try {
      this.#take(this.#withChunk(chunk));
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
      this.#forget();
      this.destroy();
    }
  }

  #withChunk(chunk: Buffer): HttpAnswer | undefined {
    this.#receivedBytes += chunk.length;
    if (this.#long !== undefined) return withPiece(this.#long, chunk);
    this.#received += chunk.toString('latin1');
    return readAnswer(this.#received);
  }

  #take(answer: HttpAnswer | undefined): void {
    if (answer?.isWhole === true) {
      this.#answer = answer;
      this.#forget();
      return this.#owner.onAnswered(this);
    }
    if (answer !== undefined && answer.missing > 0) this.#long = answer;
    // No endpoint of ours answers at such length: only the status counts, and the socket is destroyed.
    const { answerBytes } = this.#owner;
    if (this.#receivedBytes <= answerBytes) return;
    this.#error = new Error(`The endpoint answered more than ${answerBytes} bytes.`);
    this.destroy();
  }

  #forget(): void {
    this.#received = '';
    this.#receivedBytes = 0;
    this.#long = undefined;
  }

  #part(): HttpAnswer | undefined {
    return this.#long ?? (this.#received === '' ? undefined : readAnswer(this.#received));
  }
}

const closed = (): Error =>
  Object.assign(new Error('The endpoint closed the connection before it answered.'), { code: 'ECONNRESET' });

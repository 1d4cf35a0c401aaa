import type { Socket } from 'node:net';
import { ANSWER_BYTES, type HttpAnswer, readAnswer } from './http-answer.ts';

/** The sender of the request on a socket. Exactly one of its methods is called, once, unless it lets go. */
export interface SocketUser {
  readonly onAnswer: (answer: HttpAnswer) => void;
  /** The connection broke, or its bytes are not a valid response; `answer` is the part that arrived before. */
  readonly onBroken: (error: Error, answer: HttpAnswer | undefined) => void;
}

/** The pool of a socket: it learns of the changes of the socket's state. */
export interface SocketOwner {
  /** The socket has a whole answer: `settle` it when all received bytes of this turn are read. */
  readonly onAnswered: (socket: HttpSocket) => void;
  readonly onFree: (socket: HttpSocket) => void;
  /** The socket is unusable. Called once. */
  readonly onOver: (socket: HttpSocket) => void;
}

/** A connection to the callback endpoint, which carries one HTTP/1.1 request after another. */
export class HttpSocket {
  readonly #socket: Socket;
  readonly #owner: SocketOwner;
  #user: SocketUser | undefined;
  #answer: HttpAnswer | undefined;
  #received = '';
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
    this.#received += chunk.toString('latin1');
    try {
      this.#take(readAnswer(this.#received));
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
      this.#received = '';
      this.destroy();
    }
  }

  #take(answer: HttpAnswer | undefined): void {
    if (answer?.isWhole === true) {
      this.#answer = answer;
      this.#received = '';
      return this.#owner.onAnswered(this);
    }
    // No callback endpoint answers a post at such length: only the status counts, and the socket is destroyed.
    if (this.#received.length <= ANSWER_BYTES) return;
    this.#error = new Error(`The callback endpoint answered more than ${ANSWER_BYTES} bytes.`);
    this.destroy();
  }

  #part(): HttpAnswer | undefined {
    return this.#received === '' ? undefined : readAnswer(this.#received);
  }
}

const closed = (): Error =>
  Object.assign(new Error('The callback endpoint closed the connection before it answered.'), { code: 'ECONNRESET' });

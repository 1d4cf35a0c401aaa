import type { Socket } from 'node:net';
import { FANOUT_BOUNDS } from '../fanout/bounds.ts';
import { type CallbackAnswer, readAnswer } from './http-answer.ts';

/** Whose request is on a socket. Exactly one of these is called, once, unless it lets go. */
export interface SocketUser {
  readonly onAnswer: (answer: CallbackAnswer) => void;
  /** The connection broke, or what came is no answer; with what came of one before. */
  readonly onBroken: (error: Error, answer: CallbackAnswer | undefined) => void;
}

/** What becomes of a socket. */
export interface SocketOwner {
  /** It has a whole answer: `settle` it when all that has come meanwhile is read. */
  readonly onAnswered: (socket: CallbackSocket) => void;
  readonly onFree: (socket: CallbackSocket) => void;
  /** It can carry nothing any more. Called once. */
  readonly onOver: (socket: CallbackSocket) => void;
}

/** A connection to the callback endpoint, for one request of HTTP/1.1 after another. */
export class CallbackSocket {
  readonly #socket: Socket;
  readonly #owner: SocketOwner;
  #user: SocketUser | undefined;
  #answer: CallbackAnswer | undefined;
  #received = '';
  #error: Error | undefined;
  #isOver = false;

  /** Of a socket that is connected. */
  constructor(socket: Socket, owner: SocketOwner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    // From then on nothing may go out on it, though 'close' is still to come.
    socket.on('error', (error) => {
      this.#error ??= error;
      this.destroy();
    });
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  /** Only when it is free. */
  send(request: Buffer, user: SocketUser): void {
    this.#user = user;
    this.#socket.write(request);
  }

  /**
   * What came of an answer that is not whole, for a user who waits no longer: it hears no more, and the socket goes, since the
   * rest may still come.
   */
  letGo(): CallbackAnswer | undefined {
    const answer = this.#part();
    this.#user = undefined;
    this.destroy();
    return answer;
  }

  /** Hands over the answer, and is free again unless it was closed behind it. */
  settle(): void {
    const [answer, user] = [this.#answer, this.#user];
    if (answer === undefined) return;
    this.#answer = undefined;
    this.#user = undefined;
    // An answer to what is not sent yet: the rest must not be taken for the next request.
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
    // Nobody asked: whatever it is, the next answer could be taken for another's.
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

  #take(answer: CallbackAnswer | undefined): void {
    if (answer?.isWhole === true) {
      this.#answer = answer;
      this.#received = '';
      return this.#owner.onAnswered(this);
    }
    // Whoever answers a post at such length is no callback endpoint: its status is all that counts, and the socket goes.
    if (this.#received.length <= FANOUT_BOUNDS.ANSWER_BYTES) return;
    this.#error = new Error(`The callback endpoint answered more than ${FANOUT_BOUNDS.ANSWER_BYTES} bytes.`);
    this.destroy();
  }

  #part(): CallbackAnswer | undefined {
    return this.#received === '' ? undefined : readAnswer(this.#received);
  }
}

const closed = (): Error =>
  Object.assign(new Error('The callback endpoint closed the connection before it answered.'), { code: 'ECONNRESET' });

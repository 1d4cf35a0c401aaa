import type { Socket, SocketClass } from '../../client/src/index.ts';
import type { PublishFrame } from '../../shared/protocol/client-frames.ts';
import { type Frame, FakeTopics, reaches } from './fake-topics.ts';

type Listener = (event: { readonly data: unknown; readonly code?: number }) => void;

/** An end of a connection on which nothing arrives until the test says so. */
class ScriptedSocket implements Socket {
  readonly topics = new Set<string>();
  readonly #receive: (socket: ScriptedSocket, frame: Frame) => void;
  readonly #listeners = new Map<string, Listener[]>();
  #arriving: (Frame | 'open')[] = ['open'];
  isOver = false;

  constructor(receive: (socket: ScriptedSocket, frame: Frame) => void) {
    this.#receive = receive;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    if (!this.isOver) this.#receive(this, JSON.parse(text));
  }

  close(): void {
    this.isOver = true;
  }

  /** Puts a frame in flight to the client. */
  put(frame: Frame): void {
    if (!this.isOver) this.#arriving.push(frame);
  }

  /** Lets the next frame in flight arrive. Returns whether there was one. */
  deliver(): boolean {
    const [next, ...later] = this.#arriving;
    if (next === undefined || this.isOver) return false;
    this.#arriving = later;
    if (next === 'open') this.#emit('open', { data: undefined });
    else this.#emit('message', { data: JSON.stringify(next) });
    return true;
  }

  cut(code?: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#emit('close', { data: undefined, ...(code === undefined ? {} : { code }) });
  }

  #emit(type: string, event: Parameters<Listener>[0]): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
}

/** A server in the test's own hands: each frame of each connection arrives, is lost or comes twice as it says. */
export class ScriptedServer {
  readonly topics = new FakeTopics();
  /** Each publish frame of a client, also one that came before. */
  readonly publishFrames: Frame[] = [];
  /** Each message that clients published, in the order in which it was written. */
  readonly written: Frame[] = [];
  readonly socketClass: SocketClass;
  #sockets: ScriptedSocket[] = [];

  constructor() {
    const receive = (socket: ScriptedSocket, frame: Frame): void => this.#receive(socket, frame);
    const opened = (socket: ScriptedSocket): number => this.#sockets.push(socket);
    this.socketClass = class extends ScriptedSocket {
      constructor() {
        super(receive);
        opened(this);
      }
    };
  }

  /** The oldest first. */
  get live(): readonly ScriptedSocket[] {
    this.#sockets = this.#sockets.filter(({ isOver }) => !isOver);
    return this.#sockets;
  }

  /** Sends it to each subscriber as often as `copies` says, none included. */
  publish(topic: string, copies: number): Frame {
    const frame = this.topics.publish(topic, 'x', undefined);
    this.#send(topic, frame, copies);
    return frame;
  }

  /** Says a frame again, in a batch. */
  repeat(topic: string, frame: Frame): void {
    this.#send(topic, { type: 'batch', frames: [frame, frame] }, 1);
  }

  #receive(socket: ScriptedSocket, frame: Frame): void {
    if (frame['action'] === 'ping') return socket.put({ type: 'pong' });
    if (frame['action'] === 'publish') return this.#take(socket, frame as PublishFrame & Frame);
    const topic = String(frame['topic']);
    socket.topics.add(topic);
    socket.put({ type: 'ack', id: frame['id'], action: frame['action'], topic });
    const wanted = { topic, ...frame } as Parameters<FakeTopics['answersTo']>[0];
    for (const answer of this.topics.answersTo(wanted, socket)) socket.put(answer);
  }

  /** Written once for its key, and acknowledged each time. */
  #take(socket: ScriptedSocket, frame: PublishFrame & Frame): void {
    this.publishFrames.push(frame);
    const { id, topic, data, messages = [data], key } = frame;
    const write = (): Frame => messages.map((each) => this.#write(topic, each)).reduce((_, last) => last);
    const { epoch, seq } = this.topics.once(key, write);
    socket.put({ type: 'ack', id, action: 'publish', topic, epoch, seq });
  }

  #write(topic: string, data: unknown): Frame {
    const message = this.topics.publish(topic, data, undefined);
    this.written.push(message);
    this.#send(topic, message, 1);
    return message;
  }

  #send(topic: string, frame: Frame, copies: number): void {
    const subscribed = this.live.filter(({ topics }) => reaches(topics, topic));
    for (const socket of subscribed) for (let copy = 0; copy < copies; copy += 1) socket.put(frame);
  }
}

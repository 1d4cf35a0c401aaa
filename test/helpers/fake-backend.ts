import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ClientFrame, CounterFrame, PublishFrame, SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import { connectQuery } from '../../shared/protocol/connect-query.ts';
import { type Frame, FakeTopics, reaches } from './fake-topics.ts';

const DEFAULT_TOPICS = ['everyone', 'counter:global-counter'];

/**
 * A small server that speaks the protocol, for tests of the client alone. How to use it:
 *
 * - `received` holds each frame that came in; `opened` the URL of each connection; `asked` each subscribe, by a frame
 *   or by a URL.
 * - `publish` is a publish by somebody else; `send` puts any frame on every socket.
 * - `answer = false` lets it swallow what comes: a dead peer.
 * - `unavailable = 3` refuses the next three frames with that code.
 * - `rateLimited = 3` refuses the next three frames with that code, and a pause of ten seconds.
 * - `deliver = false` writes and acknowledges, but delivers nothing: a fan-out that lost it.
 * - `refuse = true` refuses each new connection; `goAway()` closes every connection as API Gateway does at its end.
 * - `subscribing = false` acknowledges a subscribe and never sends its answer.
 * - `forget()` loses all subscriptions, as after a 410 for a connection that lives: a ping with positions shows it.
 * - `cut()` breaks every connection without a close; `stop()` ends it all; `start({ port })` brings it back on its
 *   port.
 * - `topics.expire(topic)` loses the archive, `topics.restart(topic)` begins a new epoch, `topics.rewind(topic, seq)`
 *   goes back.
 */
export class FakeBackend {
  readonly topics = new FakeTopics();
  readonly received: ClientFrame[] = [];
  readonly opened: string[] = [];
  readonly asked: Asked[] = [];
  answer = true;
  deliver = true;
  refuse = false;
  subscribing = true;
  /** The number of next frames that are answered with `unavailable`. */
  unavailable = 0;
  /** The number of frames that are answered with `rate-limited`. */
  rateLimited = 0;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #server;
  readonly #subscriptions = new Map<WebSocket, Set<string>>();

  constructor(page: RequestListener = (_, response) => response.writeHead(404).end()) {
    this.#server = createServer(page);
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.refuse) socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      else this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#open(ws, request.url ?? '/'));
    });
  }

  async start({ port = 0 } = {}): Promise<{ readonly url: string; readonly page: string; readonly port: number }> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const host = `127.0.0.1:${address.port}`;
    return { url: `ws://${host}/live`, page: `http://${host}/`, port: address.port };
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Open connections. */
  get connections(): number {
    return this.#subscriptions.size;
  }

  goAway(): void {
    for (const ws of this.#sockets.clients) ws.close(1001, 'Going away');
  }

  /** The oldest connection alone. */
  goAwayFirst(): void {
    const [oldest] = this.#subscriptions.keys();
    oldest?.close(1001, 'Going away');
  }

  cut(): void {
    for (const ws of this.#sockets.clients) ws.terminate();
  }

  forget(): void {
    for (const topics of this.#subscriptions.values()) topics.clear();
  }

  publish(topic: string, data: unknown, from?: WebSocket): Frame {
    const message = this.topics.publish(topic, data, from);
    this.#fanOut(topic, message, from);
    return message;
  }

  change(counter: string, delta: number): Frame {
    const state = this.topics.change(counter, delta);
    this.#fanOut(`counter:${counter}`, { type: 'state', ...state });
    return state;
  }

  send(frame: Frame): void {
    for (const ws of this.#sockets.clients) ws.send(JSON.stringify(frame));
  }

  #open(ws: WebSocket, url: string): void {
    this.opened.push(url);
    this.#subscriptions.set(ws, new Set());
    ws.on('message', (data) => this.#receive(ws, data));
    ws.on('close', () => this.#subscriptions.delete(ws));
    for (const first of firstTopics(url)) this.#subscribe(ws, first);
  }

  #receive(ws: WebSocket, data: RawData): void {
    const text = Buffer.isBuffer(data) ? data.toString() : '';
    if (text === 'Marko?') return ws.send('Polo!');
    const frame = decode(text);
    this.received.push(frame);
    if (!this.answer) return;
    const { id, action } = frame;
    const answer = this.#act(ws, frame);
    const isDue = id !== undefined || answer['type'] !== 'ack';
    if (isDue) ws.send(JSON.stringify({ id, action, ...answer }));
  }

  #act(ws: WebSocket, frame: ClientFrame): Frame {
    if (this.unavailable > 0) {
      this.unavailable -= 1;
      return { type: 'error', code: 'unavailable', message: 'Try again.' };
    }
    if (this.rateLimited > 0) {
      this.rateLimited -= 1;
      return { type: 'error', code: 'rate-limited', message: 'Too many.', retryAfterMs: 10_000 };
    }
    switch (frame.action) {
      case 'subscribe':
        if (frame.topic.includes(' '))
          return { type: 'error', code: 'bad-topic', message: 'That is not a topic name.' };
        this.#subscribe(ws, frame);
        return { type: 'ack', topic: frame.topic };
      case 'unsubscribe':
        this.#subscriptions.get(ws)?.delete(frame.topic);
        return { type: 'ack', topic: frame.topic };
      case 'publish':
        return this.#publish(frame, frame.echo === false ? ws : undefined);
      case 'onMessage':
        return this.#publish({ topic: 'everyone', data: frame.message });
      case 'plus':
      case 'minus':
        return this.#count(frame);
      case 'ping':
        if (
          Object.keys(frame.positions ?? {}).some((topic) => !reaches(this.#subscriptions.get(ws) ?? new Set(), topic))
        )
          setImmediate(() => ws.send(JSON.stringify({ type: 'error', code: 'not-subscribed', message: 'Again.' })));
        return { type: 'pong' };
      case 'setPresence':
        return this.#subscriptions.get(ws)?.has(frame.topic) === true
          ? { type: 'ack', topic: frame.topic }
          : { type: 'error', code: 'not-subscribed', message: 'Subscribe first.' };
      default:
        return { type: 'error', code: 'unknown-action', message: 'No such action.' };
    }
  }

  #publish({ topic, data, messages = [data], key }: Omit<PublishFrame, 'action'>, exclude?: WebSocket): Frame {
    const publish = (): Frame => messages.map((each) => this.publish(topic, each, exclude)).reduce((_, last) => last);
    const { epoch, seq } = this.topics.once(key, publish);
    return { type: 'ack', topic, epoch, seq };
  }

  #count({ action, counter = 'global-counter', by = 1, min = -Infinity, max = Infinity, key }: CounterFrame): Frame {
    const delta = action === 'plus' ? by : -by;
    const next = this.topics.valueOf(counter) + delta;
    if (next > max || next < min) {
      return { type: 'error', code: 'out-of-bounds', message: 'The counter would leave its bounds.' };
    }
    return { type: 'ack', ...this.topics.once(key, () => this.change(counter, delta)) };
  }

  #subscribe(ws: WebSocket, frame: Asked): void {
    this.asked.push(frame);
    if (!this.subscribing) return;
    this.#subscriptions.get(ws)?.add(frame.topic);
    for (const answer of this.topics.answersTo(frame, ws)) setImmediate(() => ws.send(JSON.stringify(answer)));
  }

  #fanOut(topic: string, frame: Frame, except?: WebSocket): void {
    if (!this.deliver) return;
    for (const [ws, topics] of this.#subscriptions) {
      if (ws !== except && reaches(topics, topic)) setImmediate(() => ws.send(JSON.stringify(frame)));
    }
  }
}

type Asked = Pick<SubscribeFrame, 'topic' | 'position' | 'positions' | 'history'>;

/** Returns the topics of a URL, as the server reads them. */
function firstTopics(url: string): readonly Asked[] {
  const values = new URL(url, 'http://localhost').searchParams.getAll('topics');
  return values.length === 0
    ? DEFAULT_TOPICS.map((topic) => ({ topic }))
    : (connectQuery.parse({ topics: values }).topics ?? []);
}

/** Two of the tutorials name the action by `type`. */
function decode(text: string): ClientFrame {
  const { type, ...frame } = JSON.parse(text);
  return { action: type, ...frame };
}

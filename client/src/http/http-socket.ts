import type { ClientFrame } from '../../../shared/protocol/client-frames.ts';
import type { Clock, Socket, SocketClass } from '../types.ts';
import type { UrlTopic } from '../url-with-topics.ts';
import * as BOUNDS from './http-bounds.ts';
import { LiveRead } from './live-read.ts';
import { type Door, postFrames } from './post-frames.ts';
import { topicsIn } from './topics-in.ts';

interface SocketEvent {
  readonly data: unknown;
  readonly code?: number;
}

type Listener = (event: SocketEvent) => void;

/** The parts that connections over HTTP use. */
export interface HttpSocketDeps {
  readonly clock: Clock;
  /** The address of the HTTP door. Default: the host of the WebSocket. */
  readonly httpUrl: string | undefined;
}

/** Creates a class of connections over HTTP, which behave as WebSockets. */
export const httpSocketClass = (deps: HttpSocketDeps): SocketClass =>
  class extends HttpSocket {
    constructor(href: string, protocols?: readonly string[]) {
      super(deps, new URL(href), protocols);
    }
  };

/**
 * A connection over HTTP: frames are posted, and what comes is read by one request after the other. Nothing but the
 * door's answers makes it open or closed. Presence and wildcards are refused: HTTP has neither.
 */
class HttpSocket implements Socket {
  readonly #listeners = new Map<string, Listener[]>();
  readonly #clock: Clock;
  readonly #door: Door;
  readonly #live: LiveRead;
  readonly #abort = new AbortController();
  /** Frames that wait for the answer to the ones before: the server carries them out in order. */
  #waiting: string[] = [];
  #isPosting = false;
  #isOver = false;
  readonly #withoutPresence = new Set<string>();

  constructor({ clock, httpUrl }: HttpSocketDeps, url: URL, protocols: readonly string[] = []) {
    this.#clock = clock;
    const own = protocols.find((each) => each.startsWith('token.'))?.slice('token.'.length);
    this.#door = { href: doorOf(url, httpUrl), token: own ?? url.searchParams.get('token') ?? undefined };
    this.#live = new LiveRead({
      door: this.#door,
      clock,
      onFrame: (text) => this.#receive(text),
      onLost: () => this.#end(),
    });
    void this.#open(topicsIn(url));
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(text: string): void {
    const frame: ClientFrame = JSON.parse(text);
    const { id } = frame;
    if (frame.action === 'subscribe' && frame.before === undefined) return this.#subscribe(frame);
    if (frame.action === 'setPresence') return this.#refuse(`The state in ${frame.topic}`, id);
    if (frame.action !== 'unsubscribe')
      return this.#post(frame.action === 'ping' ? JSON.stringify({ action: 'ping', id }) : text, id);
    this.#live.unsubscribe(frame.topic);
    this.#answer({ type: 'ack', id, action: frame.action, topic: frame.topic });
  }

  close(): void {
    this.#isOver = true;
    this.#live.close();
    this.#abort.abort();
  }

  /** Opens once the door has answered: an address that answers anything else is no door. */
  async #open(topics: readonly UrlTopic[]): Promise<void> {
    try {
      const answered: string[] = [];
      const { signal } = this.#abort;
      for await (const text of postFrames(this.#door, [PING], { signal })) answered.push(text);
      if (answered.length === 0) throw new Error('The door did not answer.');
    } catch {
      return this.#end();
    }
    this.#emit('open', undefined);
    // `batch`, as the URL has it: each of them is answered, also where nothing was missed.
    for (const first of topics) this.#subscribe({ action: 'subscribe', batch: true, ...first });
  }

  #subscribe(frame: Extract<ClientFrame, { action: 'subscribe' }>): void {
    const { topic, presence, id, ...others } = frame;
    if (topic.endsWith('*')) return this.#refuse(`The wildcard ${topic}`, id);
    if (presence === true && !this.#withoutPresence.has(topic)) {
      this.#withoutPresence.add(topic);
      this.#refuse(`The presence of ${topic}`, undefined);
    }
    this.#live.subscribe({ ...others, topic, ...(id === undefined ? {} : { id }) });
  }

  #refuse(what: string, id: string | undefined): void {
    const message = `${what} needs a WebSocket: over HTTP there is none.`;
    this.#answer({ type: 'error', code: 'needs-websocket', message, id });
  }

  #putOff(id: string | undefined): void {
    const retryAfterMs = BOUNDS.RETRY_MS;
    this.#answer({ type: 'error', code: 'rate-limited', message: 'Too many frames wait.', id, retryAfterMs });
  }

  /** Answers for the server, after the caller has finished its work. */
  #answer(frame: object): void {
    queueMicrotask(() => this.#receive(JSON.stringify(frame)));
  }

  #post(text: string, id: string | undefined): void {
    if (this.#waiting.length >= BOUNDS.WAITING_FRAMES) return this.#putOff(id);
    this.#waiting.push(text);
    if (!this.#isPosting) void this.#postAll();
  }

  async #postAll(): Promise<void> {
    this.#isPosting = true;
    const { signal } = this.#abort;
    try {
      while (this.#waiting.length > 0) {
        await this.#settle();
        const cancelDeadline = this.#clock.after(BOUNDS.POSTED_MS, () => this.#end());
        try {
          for await (const text of postFrames(this.#door, this.#next(), { signal })) this.#receive(text);
        } finally {
          cancelDeadline();
        }
      }
    } catch {
      this.#end();
    }
    this.#isPosting = false;
  }

  /** Waits for open subscriptions, so that they bring what is published now. */
  async #settle(): Promise<void> {
    const endMs = this.#clock.now() + BOUNDS.ASKING_MS;
    while (this.#live.isAsking && !this.#isOver && this.#clock.now() < endMs) {
      await new Promise<void>((resolve) => this.#clock.after(BOUNDS.ASKING_LOOK_MS, resolve));
    }
  }

  /** Takes the frames of the next request: the first, and as many more as it may have. */
  #next(): readonly string[] {
    let characters = 0;
    const end = this.#waiting.findIndex((text, index) => {
      characters += text.length;
      return index > 0 && (index >= BOUNDS.FRAMES || characters > BOUNDS.CHARACTERS);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  #receive(data: string): void {
    this.#emit('message', data);
  }

  #end(): void {
    if (this.#isOver) return;
    this.close();
    for (const listener of this.#listeners.get('close') ?? []) listener({ data: undefined });
  }

  #emit(type: string, data: unknown): void {
    if (this.#isOver) return;
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
}

const PING = '{"action":"ping"}';

/** Returns the address for frames: below that of the door, or at the root of the WebSocket's host. */
function doorOf(url: URL, httpUrl: string | undefined): string {
  if (httpUrl !== undefined) return new URL('v1/frames', httpUrl.endsWith('/') ? httpUrl : `${httpUrl}/`).href;
  return `${url.protocol === 'ws:' ? 'http:' : 'https:'}//${url.host}/v1/frames`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { tokenProtocols } from '../../helpers/authenticated.ts';
import type { Given } from './observations.ts';

/** Pause in ms between two frames, and between two handshakes. */
const FRAME_MS = 100;
const HANDSHAKE_MS = 300;

/** Deadline in ms of a handshake. */
const HANDSHAKE_DEADLINE_MS = 10_000;

export interface IntruderOptions {
  /** The stage. */
  readonly url: string;
  readonly subject: string;
  readonly token: string;
  /** The topics and counters (as `counter:NAME`) that it follows. */
  readonly topics: readonly string[];
  /** The topic that it publishes to. */
  readonly probe: string;
  /** Topics that its token does not permit, and that it asks for all the same. */
  readonly unpermitted: readonly string[];
}

/** A connection that keeps no rule: it ignores errors, sends on, and comes back under the same token. */
export interface Intruder {
  /** Resolves once it follows something; never if it is not let in. */
  readonly follows: Promise<void>;
  readonly given: readonly Given[];
  /** Topics of deliveries that its token does not permit. */
  readonly unpermitted: readonly string[];
  /** The number of handshakes and frames that it tried. */
  readonly tried: () => number;
  readonly stop: () => Promise<void>;
}

/** Opens an intruder, which goes on until it is stopped. */
export function openIntruder(options: IntruderOptions): Intruder {
  const state: State = { options, given: [], unpermitted: [], tried: 0, socket: undefined, isStopped: false };
  const following = Promise.withResolvers<void>();
  const ended = run(state, () => following.resolve());
  return {
    follows: following.promise,
    given: state.given,
    unpermitted: state.unpermitted,
    tried: () => state.tried,
    stop: async () => {
      state.isStopped = true;
      state.socket?.terminate();
      await ended;
    },
  };
}

interface State {
  readonly options: IntruderOptions;
  readonly given: Given[];
  readonly unpermitted: string[];
  tried: number;
  socket: WebSocket | undefined;
  isStopped: boolean;
}

async function run(state: State, onFollows: () => void): Promise<void> {
  const { url, token, subject } = state.options;
  while (!state.isStopped) {
    const fromMs = Date.now();
    state.tried += 1;
    const socket = new WebSocket(`${url}?topics=`, tokenProtocols(token), {
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_DEADLINE_MS,
    });
    const closed = Promise.withResolvers<void>();
    socket.on('close', () => closed.resolve());
    // A `close` follows.
    socket.on('error', () => undefined);
    state.socket = socket;
    socket.on('open', () => {
      state.given.push({ kind: 'opened', subject, name: '*', fromMs, toMs: Date.now() });
      void talk(state, socket, onFollows);
    });
    await closed.promise;
    if (!state.isStopped) await sleep(HANDSHAKE_MS);
  }
}

/** Subscribes, and then publishes until the socket is closed. */
async function talk(state: State, socket: WebSocket, onFollows: () => void): Promise<void> {
  const { topics, unpermitted, probe } = state.options;
  const sentAtMs = new Map<string, number>();
  socket.on('message', (data) => {
    const frame: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '{}');
    if (typeof frame !== 'object' || frame === null) return;
    if ('type' in frame && frame.type === 'subscribed') onFollows();
    take(state, { ...frame }, sentAtMs);
  });
  let sent = 0;
  const send = (frame: object): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    sent += 1;
    state.tried += 1;
    sentAtMs.set(String(sent), Date.now());
    socket.send(JSON.stringify({ ...frame, id: String(sent) }));
  };
  for (const topic of [...topics, ...unpermitted]) send({ action: 'subscribe', topic, history: 2 });
  while (socket.readyState === WebSocket.OPEN) {
    send({ action: 'publish', topic: probe, data: sent });
    await sleep(FRAME_MS);
  }
}

type Frame = Readonly<Record<string, unknown>>;

function take(state: State, frame: Frame, sentAtMs: ReadonlyMap<string, number>): void {
  const { subject, unpermitted } = state.options;
  const toMs = Date.now();
  const name = nameOf(frame);
  if (frame['type'] === 'ack' && frame['action'] === 'publish') {
    const fromMs = sentAtMs.get(String(frame['id'])) ?? toMs;
    state.given.push({ kind: 'accepted', subject, name, fromMs, toMs });
  }
  if (!DELIVERIES.has(frame['type'])) return;
  if (unpermitted.includes(name)) state.unpermitted.push(name);
  state.given.push({ kind: 'delivered', subject, name, fromMs: toMs, toMs });
}

const DELIVERIES: ReadonlySet<unknown> = new Set(['message', 'state', 'subscribed', 'presence']);

const nameOf = ({ topic, counter }: Frame): string =>
  typeof counter === 'string' ? `counter:${counter}` : String(topic);

import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialogue, type Frame, openDialogue } from '../../helpers/dialogue.ts';
import { tokenProtocols } from '../../helpers/authenticated.ts';
import type { Disturbance } from './observations.ts';

/** The subject of the heartbeat's tokens, and the topic that it follows and publishes to. */
export const HEARTBEAT = 'heartbeat';

/** Time in ms between two beats. */
const BEAT_MS = 250;

/** Time in ms within which a beat is in time: a part of the two seconds of a revocation. What is over it counts. */
const IN_TIME_MS = 300;

/** Times in ms: between two looks at the event loop, and by how much one may be late. */
const LOOK_MS = 50;
const LOOK_LATE_MS = 100;

/** Pause in ms before a handshake that failed is made again. */
const AGAIN_MS = 200;

export interface HeartbeatOptions {
  /** The stage. */
  readonly url: string;
  readonly newToken: () => Promise<string>;
  /** Called after each handshake. */
  readonly onConnected: () => Promise<unknown>;
}

/**
 * A client that may do what it does, and is never revoked. The times in which it is late are those in which the machine
 * or the stack itself was.
 */
export interface Heartbeat {
  readonly late: () => readonly Disturbance[];
  readonly stop: () => Promise<void>;
}

interface State extends HeartbeatOptions {
  readonly late: Disturbance[];
  /** The answers that are waited for, and the time in epoch milliseconds at which each was asked for. */
  readonly waiting: Map<string, number>;
  socket: Dialogue | undefined;
  beats: number;
  isStopped: boolean;
}

/** Starts a heartbeat: publishes, follows, and asks for a catch-up by turns, and notes how long each answer takes. */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const state: State = { ...options, late: [], waiting: new Map(), socket: undefined, beats: 0, isStopped: false };
  const watching = watchEventLoop(state);
  const ended = beatOn(state);
  return {
    late: () => [...state.late, ...Array.from(state.waiting.values(), (sinceMs) => excess(sinceMs, Date.now()))],
    stop: async () => {
      state.isStopped = true;
      clearInterval(watching);
      state.socket?.cut();
      await ended;
    },
  };
}

/** Returns the part of a wait that is over what is in time. Negative: there is none. */
const excess = (sinceMs: number, toMs: number): Disturbance => ({ fromMs: sinceMs + IN_TIME_MS, toMs });

const note = ({ late }: State, each: Disturbance): void => void (each.toMs > each.fromMs && late.push(each));

function watchEventLoop(state: State): NodeJS.Timeout {
  let lastMs = Date.now();
  return setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - lastMs > LOOK_MS + LOOK_LATE_MS) state.late.push({ fromMs: lastMs + LOOK_MS, toMs: nowMs });
    lastMs = nowMs;
  }, LOOK_MS);
}

async function beatOn(state: State): Promise<void> {
  while (!state.isStopped) {
    const sinceMs = Date.now();
    const socket = await connectOnce(state);
    note(state, excess(sinceMs, Date.now()));
    if (socket === undefined) await sleep(AGAIN_MS);
    else await beatWhileOpen(state, socket);
    // A beat that was lost with its connection says nothing.
    state.waiting.clear();
  }
}

async function connectOnce({ url, newToken, onConnected }: State): Promise<Dialogue | undefined> {
  try {
    const socket = await openDialogue(`${url}?topics=`, tokenProtocols(await newToken()));
    await onConnected();
    return socket;
  } catch {
    return undefined;
  }
}

async function beatWhileOpen(state: State, dialogue: Dialogue): Promise<void> {
  const { socket } = dialogue;
  state.socket = dialogue;
  socket.on('message', (data: Buffer) => take(state, JSON.parse(data.toString())));
  while (socket.readyState === socket.OPEN && !state.isStopped) {
    state.beats += 1;
    const id = String(state.beats);
    if (state.beats % 2 === 0) expect(state, 'subscribed', () => dialogue.say(SUBSCRIBE));
    else {
      expect(state, `ack ${id}`, () => dialogue.say({ action: 'publish', topic: HEARTBEAT, data: id, id }));
      expect(state, `message ${id}`);
    }
    await sleep(BEAT_MS);
  }
  dialogue.cut();
}

const SUBSCRIBE: Frame = { action: 'subscribe', topic: HEARTBEAT };

/** Waits for an answer, unless the same one is waited for already. */
function expect({ waiting }: State, answer: string, ask: () => void = () => undefined): void {
  if (!waiting.has(answer)) waiting.set(answer, Date.now());
  ask();
}

function take(state: State, { type, id, data }: Frame): void {
  const answer = type === 'subscribed' ? 'subscribed' : `${String(type)} ${String(type === 'ack' ? id : data)}`;
  const sinceMs = state.waiting.get(answer);
  if (sinceMs === undefined) return;
  state.waiting.delete(answer);
  note(state, excess(sinceMs, Date.now()));
}

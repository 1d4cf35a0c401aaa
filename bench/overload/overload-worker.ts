import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { percentile } from '../../shared/percentile.ts';
import { monotonicMs } from '../harness/clock.ts';
import { nowUs, stamped } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';

const MS_PER_SECOND = 1_000;
/** Time in ms between two lots of publishes of an open loop. */
const TICK_MS = 5;
/** Time in ms for the answers to the publishes of a low rate. */
const ANSWER_MS = 10_000;
/** The topics, published to in turn, so that no item of the database is the bottleneck. */
const TOPICS = 64;

/** A stretch of load. */
interface Stretch {
  readonly perSecond: number;
  readonly durationMs: number;
}

/** The answers of a stretch of load. */
export interface LoadAnswers {
  readonly offered: number;
  readonly acksPerSecond: number;
  /** The answers of the stage and of the routes that refuse a publish. */
  readonly refused: number;
}

const sockets: WebSocket[] = [];
/** The time in ms at which each publish that waits for its ack was sent. */
const sentAtMs = new Map<string, number>();
let sent = 0;
const answered = { acks: 0, refused: 0 };
/** The latencies in ms of the acks since the last window began. */
let latencies: number[] = [];
let onAnswer: (socket: WebSocket) => void = () => undefined;

const commands = {
  /** Opens the connections that publish. */
  open: async ({ url, connections }: { url: string; connections: number }): Promise<void> => {
    for (let index = 0; index < connections; index++) sockets.push(await openOne(url));
  },
  /** Publishes as fast as answers come back, with `inFlight` in flight. Resolves to the acks a second. */
  best: async ({ inFlight, warmMs, measuredMs }: BestLoad): Promise<number> => {
    onAnswer = publish;
    for (let first = 0; first < inFlight; first++) publish(socketOf(first));
    await sleep(warmMs);
    const acksPerSecond = await acksOf(() => sleep(measuredMs));
    onAnswer = () => undefined;
    return acksPerSecond;
  },
  /** Publishes at a rate, whatever comes back. */
  offer: async ({ perSecond, durationMs }: Stretch): Promise<LoadAnswers> => {
    const before = { sent, refused: answered.refused };
    const acksPerSecond = await acksOf(() => pace(perSecond, durationMs));
    return { offered: sent - before.sent, acksPerSecond, refused: answered.refused - before.refused };
  },
  /** Publishes at a low rate. Resolves to the p99 of its latencies. */
  p99: async (stretch: Stretch): Promise<number> => p99Of(stretch),
  /** Publishes at a low rate until the p99 of a window is low. Resolves to the time in ms until that window began. */
  recover: async ({ p99Ms, limitMs, window }: Recovery): Promise<number> => {
    const beganMs = monotonicMs();
    for (;;) {
      const windowMs = Math.round(monotonicMs() - beganMs);
      if (windowMs >= limitMs || (await p99Of(window)) <= p99Ms) return windowMs;
    }
  },
};

interface BestLoad {
  readonly inFlight: number;
  readonly warmMs: number;
  readonly measuredMs: number;
}

interface Recovery {
  readonly p99Ms: number;
  readonly limitMs: number;
  readonly window: Stretch;
}

/** The commands of this worker. */
export type OverloadCommands = typeof commands;

serve(commands);

async function openOne(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url}?topics=`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.on('message', (data: Buffer) => {
    receive(data.toString());
    onAnswer(socket);
  });
  return socket;
}

function socketOf(index: number): WebSocket {
  const socket = sockets[index % sockets.length];
  if (socket === undefined) throw new Error('No connection is open.');
  return socket;
}

function publish(socket: WebSocket): void {
  sent++;
  const id = String(sent);
  sentAtMs.set(id, monotonicMs());
  socket.send(`{"action":"publish","id":"${id}","topic":"overload-${sent % TOPICS}","data":${stamped(nowUs())}}`);
}

/** Counts an answer. The stage's own refusals have no id: the publish then counts as not answered. */
function receive(text: string): void {
  const [, id = ''] = /"id":"(\d+)"/.exec(text) ?? [];
  const atMs = sentAtMs.get(id);
  sentAtMs.delete(id);
  if (!text.includes('"type":"ack"')) answered.refused++;
  else answered.acks++;
  if (atMs !== undefined) latencies.push(monotonicMs() - atMs);
}

async function acksOf(load: () => Promise<unknown>): Promise<number> {
  const [before, beganMs] = [answered.acks, monotonicMs()];
  await load();
  return ((answered.acks - before) * MS_PER_SECOND) / (monotonicMs() - beganMs);
}

async function pace(perSecond: number, durationMs: number): Promise<void> {
  const beganMs = monotonicMs();
  let paced = 0;
  for (let passedMs = 0; passedMs < durationMs; passedMs = monotonicMs() - beganMs) {
    for (; paced < (passedMs * perSecond) / MS_PER_SECOND; paced++) publish(socketOf(paced));
    await sleep(TICK_MS);
  }
}

/**
 * Returns the p99 of publishes at a low rate, whose acks are waited for: after an overload they are behind what the
 * sockets still hold. One without an answer counts with the time that it waited.
 */
async function p99Of({ perSecond, durationMs }: Stretch): Promise<number> {
  latencies = [];
  sentAtMs.clear();
  await pace(perSecond, durationMs);
  const patience = AbortSignal.timeout(ANSWER_MS);
  while (sentAtMs.size > 0 && !patience.aborted) await sleep(TICK_MS);
  const nowMs = monotonicMs();
  const waiting = Array.from(sentAtMs.values(), (atMs) => nowMs - atMs);
  return (
    percentile(
      [...latencies, ...waiting].toSorted((a, b) => a - b),
      0.99,
    ) ?? Number.NaN
  );
}

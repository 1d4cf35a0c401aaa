import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { connect, type Realtime, type SocketClass } from '../../client/src/index.ts';
import { collect } from '../helpers/collect.ts';
import { startRuntime } from '../helpers/runtime.ts';
import type { Check } from './checks.ts';

export interface RenewalOptions {
  readonly renewals: number;
  readonly say: (line: string) => void;
}

/** Fifty messages a second. */
const EVERY_MS = 20;

/** What the renewed client believes to be the life of a connection: it replaces each after some 600 ms. */
const LIFETIME_MS = 700;

/** How long the ordinary pauses are measured, and how long nothing is measured at first. */
const ORDINARY_MS = 30_000;
const WARM_UP_MS = 5_000;

/** More than this share of the ordinary p99 is a pause that somebody notices. */
const PAUSE_FACTOR = 3;

/** So long may one renewal take on average before the run is given up. */
const RENEWAL_MAXIMUM_MS = 5_000;

const TOPIC = 'renewals';
const LOOK_MS = 50;

/** Renews one client again and again while messages come, beside one that is never renewed, and measures the pauses of both. */
export async function measureRenewals({ renewals, say }: RenewalOptions): Promise<Check[]> {
  const runtime = await startRuntime();
  const clients: Realtime[] = [];
  const open = (options: Parameters<typeof connect>[1]): Realtime => {
    const rt = connect(runtime.url, options);
    clients.push(rt);
    return rt;
  };
  const publisher = open({});
  const timer = setInterval(
    () => void publisher.publish(TOPIC, 'x').catch((error: unknown) => say(String(error))),
    EVERY_MS,
  );
  try {
    const steady = listen(open({}));
    await sleep(WARM_UP_MS);
    const ordinary = await pausesDuring(steady, () => sleep(ORDINARY_MS));
    const sockets = countSockets();
    const renewed = listen(open({ lifetimeMs: LIFETIME_MS, socketClass: sockets.socketClass }));
    await sleep(LIFETIME_MS);
    let beside: readonly number[] = [];
    const pauses = await pausesDuring(renewed, async () => {
      beside = await pausesDuring(steady, () => reached(sockets, { renewals, say }));
    });
    return verdict({ renewed, renewals: sockets.opened() - 1, ordinary, pauses, beside }, say);
  } finally {
    clearInterval(timer);
    for (const rt of clients) rt.close();
    await runtime.stop();
  }
}

/** A client's messages, and when each came. */
function listen(rt: Realtime) {
  const collected = collect(rt.subscribe(TOPIC));
  const arrivals: number[] = [];
  collected.subscription.on('message', () => arrivals.push(performance.now()));
  return { ...collected, arrivals };
}

type Listener = ReturnType<typeof listen>;

async function pausesDuring({ arrivals }: Listener, act: () => Promise<unknown>): Promise<readonly number[]> {
  const from = arrivals.length;
  await act();
  const during = arrivals.slice(from);
  return during.slice(1).map((arrival, index) => arrival - (during[index] ?? arrival));
}

function countSockets() {
  let opened = 0;
  class Counted extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, { perMessageDeflate: false });
      this.on('open', () => {
        opened += 1;
      });
    }
  }
  const socketClass: SocketClass = Counted;
  return { socketClass, opened: () => opened };
}

async function reached({ opened }: { opened: () => number }, { renewals, say }: RenewalOptions): Promise<void> {
  const deadlineMs = Date.now() + renewals * RENEWAL_MAXIMUM_MS;
  let said = 0;
  while (opened() <= renewals && Date.now() < deadlineMs) {
    if (opened() >= said + 50) {
      said = opened();
      say(`${said} of ${renewals} renewals`);
    }
    await sleep(LOOK_MS);
  }
}

interface Measured {
  readonly renewed: Listener;
  readonly renewals: number;
  readonly ordinary: readonly number[];
  readonly pauses: readonly number[];
  readonly beside: readonly number[];
}

function verdict({ renewed, renewals, ordinary, pauses, beside }: Measured, say: RenewalOptions['say']): Check[] {
  say(`ordinary, no renewals:            ${describe(ordinary)}`);
  say(`renewed, ${renewals} renewals:           ${describe(pauses)}`);
  say(`not renewed, at the same time:    ${describe(beside)}`);
  const { seqs, gaps, recoveries } = renewed;
  const repeats = seqs.length - new Set(seqs).size;
  const holes = seqs.filter((seq, index) => index > 0 && seq !== (seqs[index - 1] ?? 0) + 1);
  const allowedMs = PAUSE_FACTOR * percentile(ordinary, 0.99);
  const long = pauses.filter((pause) => pause > allowedMs);
  const longBeside = beside.filter((pause) => pause > allowedMs).length;
  return [
    {
      name: 'gap events',
      count: gaps.length + recoveries.length,
      problems: gaps.map(({ last }) => `after ${last.seq}`),
    },
    { name: 'repeats', count: repeats, problems: repeats === 0 ? [] : ['some came again'] },
    { name: 'messages in order, without a hole', count: seqs.length, problems: holes.map((seq) => `before ${seq}`) },
    {
      name: `pauses, none over ${PAUSE_FACTOR} times the ordinary p99 (${allowedMs.toFixed(1)} ms; of the client not renewed: ${longBeside})`,
      count: pauses.length,
      problems: long.map((pause) => `${pause.toFixed(1)} ms`),
    },
  ];
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

const describe = (pauses: readonly number[]): string => {
  const figures = [0.5, 0.99, 0.999].map((share) => percentile(pauses, share).toFixed(1));
  const most = Math.max(0, ...pauses).toFixed(1);
  return `${pauses.length} pauses, p50 ${figures[0]}, p99 ${figures[1]}, p99.9 ${figures[2]}, longest ${most} ms`;
};

import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { connect, type Realtime, type SocketClass } from '../../client/src/index.ts';
import { collect } from '../helpers/collect.ts';
import { startRuntime } from '../helpers/runtime.ts';
import { percentile } from '../../shared/percentile.ts';
import type { Check } from './checks.ts';

export interface RenewalOptions {
  readonly renewals: number;
  readonly say: (line: string) => void;
}

/** Fifty messages a second. */
const EVERY_MS = 20;

/** Life in ms of a connection as the renewed client believes: it replaces each after some 600 ms. */
const LIFETIME_MS = 700;

/** Time in ms for which ordinary pauses are measured; the time and the number of renewals before any measurement. */
const ORDINARY_MS = 60_000;
const WARM_UP_MS = 5_000;
const WARM_UP_RENEWALS = 10;

/** More than this share of the ordinary p99 is a pause that somebody notices. */
const PAUSE_FACTOR = 3;

/** Upper bound in ms of the average time of a renewal, past which the run is given up. */
const RENEWAL_MAXIMUM_MS = 5_000;

const TOPIC = 'renewals';
const LOOK_MS = 50;
/** The number of renewals between two lines of progress. */
const SAY_EVERY = 50;

/**
 * Renews one client again and again while messages come, beside one that is never renewed, and measures the pauses of
 * both.
 */
export async function measureRenewals({ renewals, say }: RenewalOptions): Promise<Check[]> {
  const runtime = await startRuntime();
  const clients: Realtime[] = [];
  const open = (options: Parameters<typeof connect>[1]): Realtime => {
    const rt = connect(runtime.url, options);
    clients.push(rt);
    return rt;
  };
  const publisher = open({});
  const complain = (error: unknown): void => {
    if (publisher.status !== 'closed') say(String(error));
  };
  const timer = setInterval(() => void publisher.publish(TOPIC, 'x').catch(complain), EVERY_MS);
  try {
    const steady = listen(open({}));
    await sleep(WARM_UP_MS);
    const ordinary = await pausesDuring(steady, () => sleep(ORDINARY_MS));
    const sockets = countSockets();
    const renewed = listen(open({ lifetimeMs: LIFETIME_MS, socketClass: sockets.socketClass }));
    // The first ones start the processes that serve them all.
    await reached(sockets, { renewals: WARM_UP_RENEWALS, say });
    let beside: readonly Pause[] = [];
    const pauses = await pausesDuring(renewed, async () => {
      beside = await pausesDuring(steady, () => reached(sockets, { renewals: WARM_UP_RENEWALS + renewals, say }));
    });
    const done = sockets.opened() - 1 - WARM_UP_RENEWALS;
    return verdict({ renewed, renewals: { wanted: renewals, done }, ordinary, pauses, beside }, say);
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

/** A pause between two messages: its length, and when it ended. */
interface Pause {
  readonly ms: number;
  readonly endedAtMs: number;
}

async function pausesDuring({ arrivals }: Listener, act: () => Promise<unknown>): Promise<readonly Pause[]> {
  const from = arrivals.length;
  await act();
  const during = arrivals.slice(from);
  return during.slice(1).map((endedAtMs, index) => ({ ms: endedAtMs - (during[index] ?? endedAtMs), endedAtMs }));
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
  let said = opened();
  while (opened() <= renewals && Date.now() < deadlineMs) {
    if (opened() >= said + SAY_EVERY) {
      said = opened();
      say(`${said} of ${renewals} renewals`);
    }
    await sleep(LOOK_MS);
  }
}

interface Measured {
  readonly renewed: Listener;
  readonly renewals: { readonly wanted: number; readonly done: number };
  readonly ordinary: readonly Pause[];
  readonly pauses: readonly Pause[];
  readonly beside: readonly Pause[];
}

function verdict({ renewed, renewals, ordinary, pauses, beside }: Measured, say: RenewalOptions['say']): Check[] {
  say(`no renewals:                    ${describe(ordinary)}`);
  say(`renewed ${renewals.done} times:              ${describe(pauses)}`);
  say(`not renewed, at the same time:  ${describe(beside)}`);
  const { seqs, gaps, recoveries } = renewed;
  const repeats = seqs.length - new Set(seqs).size;
  const holes = seqs.filter((seq, index) => index > 0 && seq !== (seqs[index - 1] ?? 0) + 1);
  const told = [...gaps, ...recoveries].map(({ last }) => `after ${last.seq}`);
  return [
    {
      name: 'renewals',
      count: renewals.done,
      problems: renewals.done < renewals.wanted ? ['too few in that time'] : [],
    },
    { name: 'gap and recovered events', count: told.length, problems: told },
    { name: 'repeats', count: repeats, problems: repeats === 0 ? [] : ['some came again'] },
    { name: 'messages in order, without a hole', count: seqs.length, problems: holes.map((seq) => `before ${seq}`) },
    checkPauses({ ordinary, pauses, beside }, say),
  ];
}

/**
 * A pause that the client beside had at the same moment, though it was not renewed, is the server's or the machine's.
 */
function checkPauses(
  { ordinary, pauses, beside }: Pick<Measured, 'ordinary' | 'pauses' | 'beside'>,
  say: RenewalOptions['say'],
): Check {
  const allowedMs = PAUSE_FACTOR * partOf(ordinary, 0.99);
  const isLong = ({ ms }: Pause): boolean => ms > allowedMs;
  const long = pauses.filter(isLong);
  const own = long.filter((pause) => !beside.some((other) => isLong(other) && overlap(pause, other)));
  say(
    `${PAUSE_FACTOR} times the ordinary p99 is ${allowedMs.toFixed(1)} ms; pauses over that: ${ordinary.filter(isLong).length} without renewals,`,
  );
  say(
    `  ${long.length} with renewals, ${beside.filter(isLong).length} of the client beside; ${own.length} of the renewed client alone`,
  );
  return {
    name: `pauses, none of a renewal's own over ${PAUSE_FACTOR} times the ordinary p99`,
    count: pauses.length,
    problems: own.map(({ ms }) => `${ms.toFixed(1)} ms`),
  };
}

const overlap = (one: Pause, other: Pause): boolean =>
  one.endedAtMs - one.ms < other.endedAtMs && other.endedAtMs - other.ms < one.endedAtMs;

const partOf = (pauses: readonly Pause[], share: number): number =>
  percentile(
    pauses.map(({ ms }) => ms).sort((a, b) => a - b),
    share,
  ) ?? 0;

const describe = (pauses: readonly Pause[]): string => {
  const figures = [0.5, 0.99, 0.999].map((share) => partOf(pauses, share).toFixed(1));
  const longest = Math.max(0, ...pauses.map(({ ms }) => ms)).toFixed(1);
  return `${pauses.length} pauses, p50 ${figures[0]}, p99 ${figures[1]}, p99.9 ${figures[2]}, longest ${longest} ms`;
};

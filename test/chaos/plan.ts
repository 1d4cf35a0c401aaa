import type { SeededRandom } from './seeded-random.ts';
import type { FaultKind, Scale } from './scale.ts';

/** The plan of one client: what it follows, and what it believes. */
export interface ClientPlan {
  readonly topics: readonly string[];
  readonly counters: readonly string[];
  /** Life in ms of a connection as the client believes. Undefined means two hours: the server's cut surprises it. */
  readonly lifetimeMs: number | undefined;
  /** Whether it takes several frames in one. */
  readonly batch: boolean;
}

export type Operation = { readonly atMs: number; readonly client: number } & (
  | { readonly kind: 'publish'; readonly topic: string; readonly message: number; readonly echo: boolean }
  | { readonly kind: 'increment'; readonly counter: string; readonly by: number }
);

/** A fault. The client, worker or topic that it hits follows from `draw`, at least 0 and below 1. */
export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  readonly draw: number;
}

/** All that happens, and when: the same for the same seed and scale. */
export interface Plan {
  readonly clients: readonly ClientPlan[];
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
}

const MILLISECONDS = 1_000;

/** Shares of the clients and of the messages. */
const SURPRISED_SHARE = 0.4;
const BATCH_SHARE = 0.3;
const SILENT_SHARE = 0.1;

/** Ages at which a client replaces its connection, as shares of what the server allows. */
const LIFETIME_SHARES = { from: 0.4, to: 1 } as const;

/** Largest step of a counter. */
const STEP = 9;

/** Faults come within this share of the time, so that the last ones meet messages too. */
const FAULT_SHARE = { from: 0.03, to: 0.92 } as const;

/** Decides everything that chance decides. */
export function planOf(random: SeededRandom, scale: Scale): Plan {
  const topics = namesOf('topic', scale.topics);
  const counters = namesOf('votes', scale.counters);
  return {
    clients: clientsOf(random.fork('clients'), scale, { topics, counters }),
    operations: operationsOf(random.fork('operations'), scale, { topics, counters }),
    faults: faultsOf(random.fork('faults'), scale),
  };
}

const namesOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);

interface Names {
  readonly topics: readonly string[];
  readonly counters: readonly string[];
}

function clientsOf(random: SeededRandom, scale: Scale, { topics, counters }: Names): ClientPlan[] {
  return Array.from({ length: scale.clients }, () => ({
    topics: random.sample(topics, scale.topicsEach),
    counters: random.sample(counters, scale.countersEach),
    lifetimeMs:
      random.next() < SURPRISED_SHARE
        ? undefined
        : Math.round(scale.durationMs * random.between(LIFETIME_SHARES.from, LIFETIME_SHARES.to)),
    batch: random.next() < BATCH_SHARE,
  }));
}

function operationsOf(random: SeededRandom, scale: Scale, { topics, counters }: Names): Operation[] {
  const when = () => ({ atMs: random.next() * scale.seconds * MILLISECONDS, client: random.below(scale.clients) });
  const publishes = Array.from({ length: scale.messages }, (_, message) => ({
    kind: 'publish' as const,
    ...when(),
    topic: random.pick(topics),
    message,
    echo: random.next() >= SILENT_SHARE,
  }));
  const increments = Array.from({ length: scale.increments }, () => ({
    kind: 'increment' as const,
    ...when(),
    counter: random.pick(counters),
    by: 1 + random.below(STEP),
  }));
  return [...publishes, ...increments].sort((a, b) => a.atMs - b.atMs);
}

function faultsOf(random: SeededRandom, { faults, seconds }: Scale): Fault[] {
  const each = Object.entries(faults).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => {
      // One in each slice of the time: a run never has all of a kind at once.
      const share = (index + random.next()) / count;
      const atMs = (FAULT_SHARE.from + share * (FAULT_SHARE.to - FAULT_SHARE.from)) * seconds * MILLISECONDS;
      return { atMs, kind: kind as FaultKind, draw: random.next() };
    }),
  );
  return each.sort((a, b) => a.atMs - b.atMs);
}

import type { SeededRandom } from './seeded-random.ts';
import type { AuthScale, FaultKind, Scale } from './scale.ts';

/** The plan of one client: what it follows, and what it believes. */
export interface ClientPlan {
  readonly topics: readonly string[];
  readonly counters: readonly string[];
  /** Life in ms of a connection as the client believes. Undefined means two hours: the server's cut surprises it. */
  readonly lifetimeMs: number | undefined;
  /** Whether it takes several frames in one. */
  readonly batch: boolean;
  /** Whether it goes by HTTP. */
  readonly isByHttp: boolean;
  /** Life in seconds of its tokens; without authentication of no meaning. */
  readonly tokenSeconds?: number;
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

/** A revocation of what the tokens of a client's subject permit, and its end. */
export interface PlannedRevocation {
  readonly atMs: number;
  readonly client: number;
  readonly pattern: string;
  /** Time in ms between its writing and its lifting. */
  readonly forMs: number;
}

/** The revocations and ended tokens of a run, and when. */
interface AuthPlan {
  readonly revocations: readonly PlannedRevocation[];
  /** Times in ms at which a connection begins that goes on after the end of its token. */
  readonly overstays: readonly { readonly atMs: number }[];
}

/** All that happens, and when: the same for the same seed and scale. */
export interface Plan {
  readonly clients: readonly ClientPlan[];
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
  readonly auth: AuthPlan;
}

const MILLISECONDS = 1_000;

/** Shares of the clients and of the messages. */
const SURPRISED_SHARE = 0.4;
const BATCH_SHARE = 0.3;
const SILENT_SHARE = 0.1;

/** Share of the clients with long-lived tokens; shares of the revocations of everything, and of the probes. */
const LONG_TOKEN_SHARE = 0.3;
const EVERYTHING_SHARE = 0.5;
const PROBE_SHARE = 0.2;

/** The topics that only intruders publish to. */
export const PROBES = 'probe/*';

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
  const clients = clientsOf(random.fork('clients'), scale, { topics, counters });
  const { auth } = scale;
  return {
    clients: auth === undefined ? clients : withTokens(random.fork('tokens'), clients, auth),
    operations: operationsOf(random.fork('operations'), scale, { topics, counters }),
    faults: faultsOf(random.fork('faults'), scale),
    auth: auth === undefined ? NO_AUTH : authOf(random.fork('auth'), { auth, clients, seconds: scale.seconds }),
  };
}

const NO_AUTH: AuthPlan = { revocations: [], overstays: [] };

const namesOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);

interface Names {
  readonly topics: readonly string[];
  readonly counters: readonly string[];
}

function clientsOf(random: SeededRandom, scale: Scale, { topics, counters }: Names): ClientPlan[] {
  return Array.from({ length: scale.clients }, (_, index) => ({
    isByHttp: scale.isHalfByHttp === true && index % 2 === 1,
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

function withTokens(random: SeededRandom, clients: readonly ClientPlan[], { tokenSeconds }: AuthScale): ClientPlan[] {
  const { from, to, long } = tokenSeconds;
  return clients.map((client) => ({
    ...client,
    tokenSeconds: random.next() < LONG_TOKEN_SHARE ? long : Math.round(random.between(from, to)),
  }));
}

interface AuthParts {
  readonly auth: AuthScale;
  readonly clients: readonly ClientPlan[];
  readonly seconds: number;
}

/** A client is revoked again only when all others were: no two revocations of one subject meet. */
function authOf(random: SeededRandom, { auth, clients, seconds }: AuthParts): AuthPlan {
  const { revocations, overstays, revokedMs } = auth;
  const order = random.sample([...clients.keys()], clients.length);
  const timesOf = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => {
      const share = (index + random.next()) / count;
      return (FAULT_SHARE.from + share * (FAULT_SHARE.to - FAULT_SHARE.from)) * seconds * MILLISECONDS;
    });
  return {
    revocations: timesOf(revocations).map((atMs, index) => {
      const client = order[index % order.length] ?? 0;
      const { topics = [], counters = [] } = clients[client] ?? {};
      const forMs = random.between(revokedMs.from, revokedMs.to);
      return { atMs, client, forMs, pattern: patternOf(random, topics, counters) };
    }),
    overstays: timesOf(overstays).map((atMs) => ({ atMs })),
  };
}

function patternOf(random: SeededRandom, topics: readonly string[], counters: readonly string[]): string {
  const draw = random.next();
  if (draw < EVERYTHING_SHARE) return '*';
  if (draw < EVERYTHING_SHARE + PROBE_SHARE) return PROBES;
  return random.pick([...topics, ...counters.map((name) => `counter:${name}`)]);
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

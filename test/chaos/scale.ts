/** The size of a run. */
export interface Scale {
  readonly clients: number;
  readonly topics: number;
  readonly counters: number;
  /** Topics and counters that one client follows. */
  readonly topicsEach: number;
  readonly countersEach: number;
  readonly messages: number;
  readonly increments: number;
  /** Time in seconds for which messages and faults go on. */
  readonly seconds: number;
  /** The server ends a connection of this age: its two hours. */
  readonly durationMs: number;
  /** The server ends a connection that is idle for so long: its ten minutes. */
  readonly idleMs: number;
  /** The number of faults of each kind. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Whether every second client goes by HTTP. Default: none does. */
  readonly isHalfByHttp?: boolean;
  /** The tokens and revocations of a run with authentication. Absent without it. */
  readonly auth?: AuthScale;
}

/** The part of a run that tokens and revocations are. */
export interface AuthScale {
  /** Lives in seconds of most tokens, and of the others. */
  readonly tokenSeconds: { readonly from: number; readonly to: number; readonly long: number };
  readonly revocations: number;
  /** Times in ms between a revocation and its lifting. */
  readonly revokedMs: { readonly from: number; readonly to: number };
  /** The number of connections that go on after the end of their token. */
  readonly overstays: number;
}

export type FaultKind =
  | 'worker killed'
  | 'socket closed'
  | 'socket terminated'
  | 'socket reset'
  | 'half-open to the server'
  | 'half-open to the client'
  | 'half-open both ways'
  | 'engine killed'
  | 'callback outage'
  | 'poison record';

const SECONDS_PER_MINUTE = 60;

/** The load of a run, in proportion to its length. */
const MESSAGES_PER_MINUTE = 4_000;
const INCREMENTS_PER_MINUTE = 600;

/** The runtime starts an engine again five times, and then no more. */
const ENGINE_KILLS_MAXIMUM = 4;

/** Returns the full scenario for a number of minutes. */
export function fullScale(minutes: number): Scale {
  const often = (perMinute: number): number => Math.max(1, Math.round(perMinute * minutes));
  return {
    clients: 50,
    topics: 10,
    counters: 3,
    topicsEach: 3,
    countersEach: 2,
    messages: Math.round(MESSAGES_PER_MINUTE * minutes),
    increments: Math.round(INCREMENTS_PER_MINUTE * minutes),
    seconds: minutes * SECONDS_PER_MINUTE,
    // Longer than the server's grace for handshakes: some connections are old enough to be taken for gone.
    durationMs: 40_000,
    idleMs: 15_000,
    faults: {
      'worker killed': often(20),
      'socket closed': often(10),
      'socket terminated': often(10),
      'socket reset': often(10),
      'half-open to the server': often(3),
      'half-open to the client': often(3),
      'half-open both ways': often(3),
      'engine killed': Math.min(ENGINE_KILLS_MAXIMUM, often(1)),
      'callback outage': Math.max(1, Math.round(minutes / 2)),
      'poison record': often(2),
    },
  };
}

/** Revocations and ended tokens a minute. */
const REVOCATIONS_PER_MINUTE = 12;
const OVERSTAYS_PER_MINUTE = 6;

/**
 * The load of a run whose clients cost more: with authentication each connects every few seconds, and by HTTP each
 * takes a process of a Lambda, or two.
 */
const FEW_CLIENTS = 12;
const FEW_TOPICS = 6;
const FEW_MESSAGES_PER_MINUTE = 800;
const FEW_INCREMENTS_PER_MINUTE = 100;

/** Returns the full scenario with authentication for a number of minutes. An outage would fill one minute. */
export function fullAuthScale(minutes: number): Scale {
  const scale = withFewClients(minutes);
  return withAuth({ ...scale, faults: { ...scale.faults, 'callback outage': Math.floor(minutes / 2) } });
}

/** Returns the full scenario with half of the clients by HTTP for a number of minutes. */
export const fullHttpScale = (minutes: number): Scale => withFewClients(minutes);

const withFewClients = (minutes: number): Scale => ({
  ...fullScale(minutes),
  clients: FEW_CLIENTS,
  topics: FEW_TOPICS,
  messages: Math.round(FEW_MESSAGES_PER_MINUTE * minutes),
  increments: Math.round(FEW_INCREMENTS_PER_MINUTE * minutes),
});

/** Returns a scale with tokens that are renewed every few seconds, and revocations in proportion to its length. */
function withAuth(scale: Scale): Scale {
  const often = (perMinute: number): number =>
    Math.max(2, Math.round((perMinute * scale.seconds) / SECONDS_PER_MINUTE));
  const auth: AuthScale = {
    tokenSeconds: { from: 8, to: 15, long: 50 },
    revocations: often(REVOCATIONS_PER_MINUTE),
    revokedMs: { from: 4_000, to: 8_000 },
    overstays: often(OVERSTAYS_PER_MINUTE),
  };
  return { ...scale, auth };
}

/** Small enough for every build. */
export const SHORT_SCALE: Scale = {
  clients: 12,
  topics: 4,
  counters: 1,
  topicsEach: 2,
  countersEach: 1,
  messages: 600,
  increments: 100,
  seconds: 15,
  durationMs: 5_000,
  idleMs: 3_000,
  faults: {
    'worker killed': 8,
    'socket closed': 4,
    'socket terminated': 4,
    'socket reset': 4,
    'half-open to the server': 1,
    'half-open to the client': 1,
    'half-open both ways': 1,
    'engine killed': 1,
    'callback outage': 1,
    'poison record': 2,
  },
};

/** The small run with authentication. A callback outage would last for nearly all of it, so there is none. */
export const SHORT_AUTH_SCALE: Scale = withAuth({
  ...SHORT_SCALE,
  clients: 6,
  topics: 3,
  messages: 100,
  increments: 20,
  seconds: 10,
  faults: {
    ...SHORT_SCALE.faults,
    'worker killed': 3,
    'socket closed': 2,
    'socket terminated': 2,
    'socket reset': 2,
    'callback outage': 0,
    'engine killed': 0,
    'poison record': 1,
  },
});

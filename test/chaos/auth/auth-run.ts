import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { lift, listConnectionsOf, revoke, type RevocationStoreDeps } from '../../../shared/store/revocations.ts';
import type { RuntimeBench } from '../../helpers/runtime-in-process.ts';
import type { Check } from '../checks.ts';
import type { FleetClient } from '../fleet.ts';
import type { IsRefusalDue, Ledger } from '../ledger.ts';
import { type ClientPlan, type PlannedRevocation, type Plan, PROBES } from '../plan.ts';
import { checkAuth, lagsOf } from './auth-checks.ts';
import type { ChaosIssuer, TokenPermissions } from './chaos-issuer.ts';
import { type Intruder, openIntruder } from './intruder.ts';
import { HEARTBEAT, startHeartbeat } from './heartbeat.ts';
import type { Ban, Disturbance, Given, Surroundings } from './observations.ts';

/** Time in ms for which a client may be refused after its revocation was lifted: until it has connected again. */
const AFTERMATH_MS = 15_000;

/** Time in ms for which an ended token is tried further. */
const OVERSTAY_MS = 6_000;
/** Life in seconds of a token that ends while its connection goes on. */
const OVERSTAY_SECONDS = 3;

/** Life in seconds of an intruder's token, which outlives its revocation. */
const INTRUDER_SECONDS = 120;

/** Life in seconds of a token of the heartbeat, and what it permits. */
const HEARTBEAT_SECONDS = 3_600;
const HEARTBEAT_PERMISSIONS: TokenPermissions = { subscribe: [HEARTBEAT], publish: [HEARTBEAT], count: [] };

/** Pause in ms before a write that failed is made again, and between two looks at the clients. */
const AGAIN_MS = 100;
const KEEP_MS = 250;

/** Longest time in ms for which an intruder is given to be let in before it is revoked all the same. */
const LET_IN_MS = 5_000;

export interface AuthRunDeps {
  readonly bench: RuntimeBench;
  readonly issuer: ChaosIssuer;
  readonly plan: Plan;
  readonly fleet: readonly FleetClient[];
  /** The connections to which every post is answered as it is. */
  readonly spared: Set<string>;
}

/** The part of a run that tokens and revocations are. */
export interface AuthRun {
  readonly isRefusalDue: IsRefusalDue;
  /** Begins what is due. */
  readonly revoke: (planned: PlannedRevocation) => void;
  readonly overstay: () => void;
  /** Resolves when all revocations are lifted. */
  readonly over: () => Promise<unknown>;
  /** Ends what keeps the clients connected. */
  readonly stop: () => Promise<void>;
  readonly check: (ledger: Ledger, injected: Injected) => { checks: Check[]; lines: string[] };
}

/** The times of what was injected. */
interface Injected {
  /** The times in which the engine was down, or no connection could be reached. */
  readonly disturbances: readonly Disturbance[];
  /** The times in which a killed worker was replaced. */
  readonly replaced: readonly Disturbance[];
}

/** The subject of a client's tokens. */
export const subjectOf = (client: number): string => `client-${client}`;

/** Returns what the tokens of a client permit: to follow what its plan says, and to publish and count all. */
export const permissionsOf = (plan: Plan, { topics, counters }: ClientPlan): TokenPermissions => ({
  subscribe: [...topics, ...counters.map((name) => `counter:${name}`)],
  publish: [...namesIn(plan, ({ topics: each }) => each), ...publishedIn(plan), PROBES],
  count: namesIn(plan, ({ counters: each }) => each),
});

const namesIn = ({ clients }: Plan, of: (client: ClientPlan) => readonly string[]): string[] => [
  ...new Set(clients.flatMap(of)),
];

const publishedIn = ({ operations }: Plan): string[] => [
  ...new Set(operations.flatMap((operation) => (operation.kind === 'publish' ? [operation.topic] : []))),
];

interface State extends AuthRunDeps {
  readonly store: RevocationStoreDeps;
  /** The bans of revocations by client, with the time in epoch milliseconds at which each was begun. */
  readonly revoked: { readonly client: number; readonly sinceMs: number; readonly ban: Ban; untilMs: number }[];
  readonly bans: Ban[];
  readonly intruders: Intruder[];
  readonly stopped: string[];
  isStopped: boolean;
}

/** Creates the part of a run that tokens and revocations are. Clients are kept connected until it is stopped. */
export function createAuthRun(deps: AuthRunDeps): AuthRun {
  const { dynamodb: client, output } = deps.bench;
  const store = { client, table: output('SubscriptionsTable'), now: Date.now, newStamp: randomUUID };
  const state: State = { ...deps, store, revoked: [], bans: [], intruders: [], stopped: [], isStopped: false };
  const goingOn = new Set<Promise<unknown>>();
  const begin = (act: Promise<unknown>): void => {
    goingOn.add(act);
    void act.finally(() => goingOn.delete(act));
  };
  const kept = keep(state);
  const heartbeat = startHeartbeat({
    url: deps.bench.runtime.url,
    newToken: async () => (await deps.issuer.issue(HEARTBEAT, HEARTBEAT_SECONDS, HEARTBEAT_PERMISSIONS)).token,
    onConnected: async () => {
      for await (const { connectionId } of listConnectionsOf(store, HEARTBEAT)) deps.spared.add(connectionId);
    },
  });
  return {
    isRefusalDue: (each, sinceMs) => isDue(state, each, sinceMs),
    revoke: (planned) => begin(revokeAndLift(state, planned)),
    overstay: () => begin(overstay(state)),
    over: () => Promise.all(goingOn),
    stop: async () => {
      state.isStopped = true;
      await Promise.all([kept, heartbeat.stop(), ...state.intruders.map((intruder) => intruder.stop())]);
    },
    check: (ledger, { disturbances, replaced }) =>
      check(state, ledger, { disturbances, late: [...heartbeat.late(), ...replaced] }),
  };
}

const isDue = ({ revoked }: State, client: number, sinceMs: number): boolean =>
  revoked.some((each) => each.client === client && each.untilMs + AFTERMATH_MS >= sinceMs);

async function revokeAndLift(state: State, { client, pattern, forMs }: PlannedRevocation): Promise<void> {
  const { store, bans, revoked } = state;
  const subject = subjectOf(client);
  const { intruder } = await intrude(state, { client, subject, seconds: INTRUDER_SECONDS });
  await Promise.race([intruder.follows, sleep(LET_IN_MS)]);
  const ban: Ban = {
    reason: 'revoked',
    subject,
    pattern,
    fromMs: Number.POSITIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
  };
  const entry = { client, sinceMs: Date.now(), ban, untilMs: Number.POSITIVE_INFINITY };
  revoked.push(entry);
  // Longer than any outage: only the lifting ends it.
  await untilDone(() => revoke(store, { subject, pattern, until: Date.now() + INTRUDER_SECONDS * 1_000 }));
  ban.fromMs = Date.now();
  bans.push(ban);
  await sleep(forMs);
  ban.toMs = Date.now();
  await untilDone(() => lift(store, subject));
  entry.untilMs = Date.now();
  await intruder.stop();
}

async function overstay(state: State): Promise<void> {
  const subject = `overstay-${state.intruders.length}`;
  const { intruder, endsAtMs } = await intrude(state, { client: 0, subject, seconds: OVERSTAY_SECONDS });
  const toMs = Number.POSITIVE_INFINITY;
  state.bans.push({ reason: 'token ended', subject, pattern: '*', fromMs: endsAtMs, toMs });
  await sleep(OVERSTAY_SECONDS * 1_000 + OVERSTAY_MS);
  await intruder.stop();
}

/** Repeats a write until the engine, which may be down, has made it. */
async function untilDone(write: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch {
      await sleep(AGAIN_MS);
    }
  }
}

interface Intrusion {
  /** The client whose topics it follows. */
  readonly client: number;
  readonly subject: string;
  readonly seconds: number;
}

async function intrude(state: State, { client, subject, seconds }: Intrusion) {
  const { issuer, plan, bench, intruders } = state;
  const clientPlan = plan.clients[client];
  if (clientPlan === undefined) throw new RangeError(`There is no client ${client}.`);
  const permissions = permissionsOf(plan, clientPlan);
  const { token, endsAtMs } = await issuer.issue(subject, seconds, permissions);
  const intruder = openIntruder({
    url: bench.runtime.url,
    subject,
    token,
    topics: permissions.subscribe,
    probe: `probe/${subject}`,
    unpermitted: permissions.publish.filter((topic) => topic !== PROBES && !permissions.subscribe.includes(topic)),
  });
  intruders.push(intruder);
  return { intruder, endsAtMs };
}

/** Connects clients again that a revocation stopped, as an application does once it is permitted again. */
async function keep(state: State): Promise<void> {
  const { fleet, revoked, stopped } = state;
  while (!state.isStopped) {
    for (const { rt, index, hasFailed } of fleet) {
      const isStopped = rt.status === 'disconnected';
      if (!isStopped && !hasFailed()) continue;
      if (!isDue(state, index, Date.now()))
        stopped.push(`client ${index} is ${rt.status}, ${isStopped ? 'stopped' : 'failed'}`);
      if (revoked.some(({ client, untilMs }) => client === index && untilMs === Number.POSITIVE_INFINITY)) continue;
      if (!isStopped) rt.disconnect();
      rt.connect();
    }
    await sleep(KEEP_MS);
  }
}

function check(state: State, ledger: Ledger, surroundings: Surroundings) {
  const { fleet, bans, intruders, stopped } = state;
  const requests: Given[] = ledger.requests.map(({ client, ...each }) => ({
    ...each,
    kind: 'accepted',
    subject: subjectOf(client),
  }));
  const evidence = {
    bans,
    given: [...intruders.flatMap(({ given }) => given), ...requests, ...fleet.flatMap(deliveriesTo)],
    ...surroundings,
    tried: intruders.reduce((sum, { tried }) => sum + tried(), 0),
    unpermitted: intruders.flatMap(({ unpermitted }) => unpermitted),
    stopped,
  };
  return { checks: checkAuth(evidence), lines: lagsOf(evidence) };
}

const deliveriesTo = ({ index, received }: FleetClient): Given[] =>
  [...received].flatMap(([name, came]) =>
    came.map(({ atMs }) => ({ kind: 'delivered', subject: subjectOf(index), name, fromMs: atMs, toMs: atMs })),
  );

import { setTimeout as sleep } from 'node:timers/promises';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { type AuthRun, createAuthRun, permissionsOf, subjectOf } from './auth/auth-run.ts';
import { type ChaosIssuer, startChaosIssuer } from './auth/chaos-issuer.ts';
import { type CallbackFaults, createCallbackFaults } from './callback-faults.ts';
import { type Check, checkAll, stillMissing } from './checks.ts';
import { type FleetClient, type FleetOptions, openFleet } from './fleet.ts';
import { readHead, type StoredHead } from './heads.ts';
import { createInjector, type Injector } from './injector.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { listGivenUp, replayAllFailures } from './operator.ts';
import { type Plan, planOf } from './plan.ts';
import type { LambdaLimits } from '../../local/lambda/lambda-limits.ts';
import type { Scale } from './scale.ts';
import { seededRandom } from './seeded-random.ts';
import { createTally, type Tally } from './tally.ts';

export interface ChaosOptions {
  readonly seed: string;
  readonly scale: Scale;
  /** Told how far it is. */
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly injected: readonly (readonly [string, number])[];
  readonly checks: readonly Check[];
  /** Figures of a run with authentication, as lines for a person. */
  readonly figures: readonly string[];
  /** The output of the runtime. */
  readonly log: string;
}

/** All nine tries of a batch take some nine seconds on an idle machine. */
const OUTAGE_MS = 14_000;

/** Requests that wait for their answer at once: past it the next one is put off. */
const UNDER_WAY_MAXIMUM = 300;

/** Times in ms between two looks at the plan, and between two lines of progress. */
const TICK_MS = 10;
const SAY_EVERY_MS = 10_000;

/** Deadline in ms for each of three: all follow, all is accepted, all has come. The pause in ms between two looks. */
const SETTLE_MS = 150_000;
const SETTLE_LOOK_MS = 100;

/** Time in ms after the planned end of a run at which everything that still runs is ended. */
const LATE_MAXIMUM_MS = 5 * 60_000;

interface Scene {
  readonly options: ChaosOptions;
  readonly plan: Plan;
  readonly bench: RuntimeBench;
  readonly fleet: readonly FleetClient[];
  readonly ledger: Ledger;
  readonly callback: CallbackFaults;
  readonly injector: Injector;
  readonly tally: Tally;
  /** The part of the run that tokens and revocations are, if the server asks for tokens. */
  readonly auth: AuthRun | undefined;
}

/** Runs one seed from start to end. Everything that the run started has ended when it returns. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, scale } = options;
  const random = seededRandom(seed);
  const tally = createTally();
  const plan = planOf(random, scale);
  const callback = createCallbackFaults(random.fork('callback'), tally);
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const issuer = scale.auth === undefined ? undefined : await startChaosIssuer();
    if (issuer !== undefined) ends.unshift(issuer.stop);
    const bench = await start(scale, callback, issuer);
    ends.unshift(bench.stop);
    const fleet = await openFleet(fleetOptions(options, { plan, bench, issuer }), random.fork('fleet'));
    ends.unshift(() => Promise.all(fleet.map((client) => client.close())));
    const hasAuthorizer = issuer !== undefined;
    const injector = createInjector({ bench, fleet, callback, tally, outageMs: OUTAGE_MS, hasAuthorizer });
    const auth = hasAuthorizer ? createAuthRun({ bench, issuer, plan, fleet, spared: callback.spared }) : undefined;
    if (auth !== undefined) ends.unshift(auth.stop);
    const ledger = createLedger(seed, auth?.isRefusalDue);
    return await play({ options, plan, bench, fleet, callback, injector, tally, auth, ledger });
  } finally {
    for (const end of ends) await end();
  }
}

function start(scale: Scale, callback: CallbackFaults, issuer: ChaosIssuer | undefined): Promise<RuntimeBench> {
  const gateway = { durationMs: scale.durationMs, idleMs: scale.idleMs };
  const assembly = issuer === undefined ? {} : { assembly: issuer.assembly };
  const lambda = scale.isHalfByHttp === true ? waitingLimits(scale) : {};
  return startBench({ interceptCallback: callback.intercept }, { limits: { gateway, lambda }, ...assembly });
}

/**
 * Returns bounds with room for those who go by HTTP: each waits in a Lambda, and leaves one behind for a while that
 * does not know that its client has gone.
 */
function waitingLimits({ clients }: Scale): Pick<LambdaLimits, 'concurrencyPerFunction' | 'concurrencyTotal'> {
  return { concurrencyPerFunction: 2 * clients, concurrencyTotal: 60 + 2 * clients };
}

interface FleetParts extends Pick<Scene, 'plan' | 'bench'> {
  readonly issuer: ChaosIssuer | undefined;
}

function fleetOptions({ seed, scale }: ChaosOptions, { plan, bench, issuer }: FleetParts): FleetOptions {
  const options = { seed, url: bench.runtime.url, idleMs: scale.idleMs, plans: plan.clients };
  if (issuer === undefined) return options;
  const tokenOf: NonNullable<FleetOptions['token']> = async (client, clientPlan) => {
    const permissions = permissionsOf(plan, clientPlan);
    return (await issuer.issue(subjectOf(client), clientPlan.tokenSeconds ?? 0, permissions)).token;
  };
  return { ...options, token: tokenOf };
}

async function play(scene: Scene): Promise<ChaosResult> {
  const { options, bench, fleet, callback, injector, ledger, plan, tally, auth } = scene;
  const unreadyOnes = await settled(() => unready(fleet), 'everybody follows');
  if (unreadyOnes.length > 0) throw new Error(`The run never began: ${unreadyOnes.join('; ')}\n${bench.log()}`);
  options.say(
    `${fleet.length} clients follow; ${plan.operations.length} requests and ${plan.faults.length} faults to come`,
  );
  callback.isOn = true;
  await perform(scene);
  callback.isOn = false;
  await injector.over();
  await auth?.over();
  options.say('the faults are over');
  const late = await settled(() => (ledger.underWay() === 0 ? [] : [`${ledger.underWay()} requests wait`]), 'accepted');
  await settled(() => (bench.runtime.idle() ? [] : ['records wait']), 'handled');
  const operated = await operate(scene);
  const stored = await readHeads(scene);
  const missing = await settled(() => stillMissing({ ledger, fleet, heads: stored }), 'all has come');
  for (const line of [...late, ...missing].slice(0, NAMED)) options.say(`still: ${line}`);
  countSockets(fleet, tally);
  const heads = await readHeads(scene);
  tally.add('requests refused for a revocation, and made again', ledger.refused());
  const { checks = [], lines = [] } = auth?.check(ledger, injector) ?? {};
  const all = [...checkAll({ ledger, fleet, heads }), ...operated, ...checks];
  return { injected: tally.rows(), checks: all, figures: lines, log: bench.log() };
}

/** The number of violations of one kind that are named. */
const NAMED = 10;

const unready = (fleet: readonly FleetClient[]): string[] =>
  fleet.flatMap(({ index, isLive }) => (isLive() ? [] : [`client ${index} does not follow yet`]));

/** Resolves to what is left: nothing, unless time is up. */
async function settled(left: () => readonly string[], what: string): Promise<readonly string[]> {
  const deadlineMs = Date.now() + SETTLE_MS;
  while (left().length > 0) {
    if (Date.now() > deadlineMs) return left().map((each) => `${what}: ${each}`);
    await sleep(SETTLE_LOOK_MS);
  }
  return [];
}

/** Does what the plan says, when it says it, or later when the server is behind. */
async function perform(scene: Scene): Promise<void> {
  const { options, plan, ledger, fleet, injector, auth } = scene;
  const startedAtMs = Date.now();
  const faults = [...plan.faults];
  const operations = [...plan.operations];
  const revocations = [...plan.auth.revocations];
  const overstays = [...plan.auth.overstays];
  let saidAtMs = 0;
  while ([operations, faults, revocations, overstays].some(({ length }) => length > 0)) {
    const nowMs = Date.now() - startedAtMs;
    if (nowMs > options.scale.seconds * 1_000 + LATE_MAXIMUM_MS) throw new Error('The run takes far too long.');
    for (const fault of takeDue(faults, nowMs, Number.POSITIVE_INFINITY)) injector.inject(fault);
    for (const planned of takeDue(revocations, nowMs, Number.POSITIVE_INFINITY)) auth?.revoke(planned);
    for (const _ of takeDue(overstays, nowMs, Number.POSITIVE_INFINITY)) auth?.overstay();
    for (const operation of takeDue(operations, nowMs, UNDER_WAY_MAXIMUM - ledger.underWay())) {
      const client = fleet[operation.client];
      if (client !== undefined) ledger.perform(operation, client);
    }
    if (nowMs - saidAtMs >= SAY_EVERY_MS) {
      saidAtMs = nowMs;
      options.say(progressOf(scene, nowMs));
    }
    await sleep(TICK_MS);
  }
}

/** Takes the first that are due, up to a number. */
function takeDue<T extends { readonly atMs: number }>(planned: T[], nowMs: number, most: number): T[] {
  const later = planned.findIndex(({ atMs }) => atMs > nowMs);
  const due = later === -1 ? planned.length : later;
  return planned.splice(0, Math.max(0, Math.min(due, most)));
}

function progressOf({ plan, ledger, fleet, tally }: Scene, nowMs: number): string {
  const came = fleet.reduce((sum, { received }) => sum + [...received.values()].flat().length, 0);
  const injected = tally.rows().reduce((sum, [, count]) => sum + count, 0);
  const seconds = Math.round(nowMs / 1_000);
  return `${seconds} s: ${ledger.accepted()} of ${plan.operations.length} accepted, ${came} messages received, ${injected} faults`;
}

/** Does what an operator does after the run, and checks what must be true then. */
async function operate({ bench, injector, options, tally }: Scene): Promise<Check[]> {
  const { port } = bench.runtime;
  const before = await listGivenUp(port);
  tally.add('changes given up', before.changes);
  tally.add('catch-ups given up', before.catchUps);
  for (const line of await replayAllFailures(port)) options.say(`replay: ${line}`);
  await settled(() => (bench.runtime.idle() ? [] : ['records wait']), 'replayed');
  const after = await listGivenUp(port);
  const { poisoned } = injector;
  const lost = poisoned.filter((topic) => !after.poison.includes(topic));
  return [
    { name: 'poison records in the failures', count: poisoned.length, problems: lost },
    {
      name: 'batches given up and replayed',
      count: before.changes,
      problems: after.changes === 0 ? [] : [`${after.changes} are still among the failures`],
    },
  ];
}

function countSockets(fleet: readonly FleetClient[], tally: Tally): void {
  for (const { sockets } of fleet) {
    tally.add('connections opened', sockets.counts.opened);
    for (const [code, count] of sockets.counts.closed) tally.add(`connections ended with ${code}`, count);
  }
}

async function readHeads({ bench, ledger }: Scene): Promise<Map<string, StoredHead>> {
  const topics = [...ledger.messages.keys(), ...Array.from(ledger.sums.keys(), (name) => `counter:${name}`)];
  return new Map(await Promise.all(topics.map(async (topic) => [topic, await readHead(bench, topic)] as const)));
}

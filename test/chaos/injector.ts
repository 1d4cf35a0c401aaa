import { setTimeout as sleep } from 'node:timers/promises';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { type RuntimeBench, writePoison } from '../helpers/runtime-in-process.ts';
import type { Disturbance } from './auth/observations.ts';
import type { CallbackFaults } from './callback-faults.ts';
import type { FleetClient } from './fleet.ts';
import type { Fault } from './plan.ts';
import type { FaultKind } from './scale.ts';
import type { Tally } from './tally.ts';

export interface InjectorDeps {
  readonly bench: RuntimeBench;
  readonly fleet: readonly FleetClient[];
  readonly callback: CallbackFaults;
  readonly tally: Tally;
  /** Shortest time in ms of an outage of the callback endpoint. */
  readonly outageMs: number;
  /** Whether the server has an authorizer, whose workers are killed too. */
  readonly hasAuthorizer?: boolean;
}

export interface Injector {
  readonly inject: (fault: Fault) => void;
  /** Topics whose head is poison. */
  readonly poisoned: readonly string[];
  /** The times in which the engine was down, or no connection could be reached. */
  readonly disturbances: readonly Disturbance[];
  /** The times in which a killed worker, by which revocations and deliveries go, was replaced. */
  readonly replaced: readonly Disturbance[];
  /** Resolves when no fault goes on. */
  readonly over: () => Promise<unknown>;
}

/**
 * Parts of the names of the functions whose workers are killed. The broadcast is what everything hangs on: it comes
 * often.
 */
const FUNCTIONS = ['Broadcast', 'Broadcast', 'CatchUp', 'Publish', 'Plus', 'Subscribe', 'Connect'] as const;

/** Parts of the names of the functions whose workers are killed where the server has an authorizer. */
const FUNCTIONS_WITH_AUTH = [...FUNCTIONS, 'Authorize', 'CatchUp'] as const;

/** Times in ms: the longest wait for a busy worker, and the pause between two looks for one. */
const BUSY_WAIT_MS = 2_000;
const BUSY_LOOK_MS = 5;

/** Time in ms for which the records of a killed worker wait: for the next worker, and for their next try. */
const REPLACED_MS = 1_000;

/** The number of attempts to write a poison record, and the pause in ms between two of them. */
const POISON_ATTEMPTS = 50;
const POISON_PAUSE_MS = 200;

/** Times in ms: the longest that an outage is extended until a record is given up, and the pause between two looks. */
const OUTAGE_MORE_MS = 60_000;
const OUTAGE_LOOK_MS = 500;

/** The number of looks whether a killed engine is back, and the pause in ms before each. */
const ENGINE_LOOKS = 200;
const ENGINE_LOOK_MS = 100;

/** Close code of an application. */
const CLOSE_CODE = 4_000;

/** Does to the parts of a run what the plan says. */
export function createInjector(deps: InjectorDeps): Injector {
  const poisoned: string[] = [];
  const disturbances: Disturbance[] = [];
  const replaced: Disturbance[] = [];
  const goingOn = new Set<Promise<unknown>>();
  const acts = actsOf(deps, { poisoned, disturbances, replaced });
  return {
    poisoned,
    disturbances,
    replaced,
    over: () => Promise.all(goingOn),
    inject: ({ kind, draw }) => {
      const act = Promise.resolve(acts[kind](draw)).then((isDone) =>
        deps.tally.add(isDone ? kind : `${kind}: found none`),
      );
      goingOn.add(act);
      void act.finally(() => goingOn.delete(act));
    },
  };
}

type Act = (draw: number) => boolean | Promise<boolean>;

/** The notes that the acts make. */
interface Notes {
  readonly poisoned: string[];
  readonly disturbances: Disturbance[];
  readonly replaced: Disturbance[];
}

function actsOf(deps: InjectorDeps, { poisoned, disturbances, replaced }: Notes): Readonly<Record<FaultKind, Act>> {
  const { bench, fleet, hasAuthorizer } = deps;
  const functions = hasAuthorizer === true ? FUNCTIONS_WITH_AUTH : FUNCTIONS;
  const victim = (draw: number): FleetClient => itemAt(fleet, draw);
  const socketOf = (draw: number) => [...victim(draw).sockets.open].at(-1);
  return {
    'worker killed': async (draw) => {
      const isKilled = await killBusy(bench, itemAt(functions, draw));
      if (isKilled) replaced.push({ fromMs: Date.now(), toMs: Date.now() + REPLACED_MS });
      return isKilled;
    },
    'socket closed': (draw) => did(socketOf(draw), (socket) => socket.close(CLOSE_CODE)),
    'socket terminated': (draw) => did(socketOf(draw), (socket) => socket.terminate()),
    'socket reset': (draw) => victim(draw).proxy.reset(),
    'half-open to the server': (draw) => victim(draw).proxy.silence('to the server'),
    'half-open to the client': (draw) => victim(draw).proxy.silence('to the client'),
    'half-open both ways': (draw) => victim(draw).proxy.silence('both ways'),
    'engine killed': () => during(disturbances, () => killEngine(bench)),
    'callback outage': () => during(disturbances, () => outage(deps)),
    'poison record': () => poison(deps, poisoned),
  };
}

/** Notes when an act began and ended. */
async function during(disturbances: Disturbance[], act: () => Promise<boolean>): Promise<boolean> {
  const disturbance: Disturbance = { fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
  disturbances.push(disturbance);
  const isDone = await act();
  disturbance.toMs = Date.now();
  return isDone;
}

/** Ends the engine, and resolves when it answers again. */
async function killEngine({ runtime, dynamodb }: RuntimeBench): Promise<boolean> {
  const pid = runtime.engine.processId();
  if (pid === undefined || !kill(pid)) return false;
  for (let attempt = 1; attempt <= ENGINE_LOOKS; attempt++) {
    await sleep(ENGINE_LOOK_MS);
    const isBack = await dynamodb.send(new ListTablesCommand({})).then(
      () => true,
      () => false,
    );
    if (isBack) return true;
  }
  return true;
}

function itemAt<T>(items: readonly T[], draw: number): T {
  const item = items[Math.floor(draw * items.length)];
  if (item === undefined) throw new RangeError('Nothing to choose from.');
  return item;
}

function did<T>(target: T | undefined, act: (target: T) => unknown): boolean {
  if (target !== undefined) act(target);
  return target !== undefined;
}

async function killBusy({ runtime }: RuntimeBench, functionPart: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < BUSY_WAIT_MS; waitedMs += BUSY_LOOK_MS) {
    const busy = runtime.environments().find((each) => each.busy && each.functionName.includes(functionPart));
    if (busy !== undefined && kill(busy.pid)) return true;
    await sleep(BUSY_LOOK_MS);
  }
  return false;
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
    return false;
  }
}

/** Goes on until changes were given up because of it: on a busy machine the tries of a batch take longer. */
async function outage({ bench, callback, outageMs }: InjectorDeps): Promise<boolean> {
  const before = await changesGivenUp(bench);
  callback.isDown = true;
  await sleep(outageMs);
  const latestMs = Date.now() + OUTAGE_MORE_MS;
  while (Date.now() < latestMs && (await changesGivenUp(bench)) === before) await sleep(OUTAGE_LOOK_MS);
  callback.isDown = false;
  return true;
}

/** Failures of messages and values; poison has no epoch. */
async function changesGivenUp({ failures, output }: RuntimeBench): Promise<number> {
  const source = `:table/${output('TopicsTable')}/`;
  const isOfChange = ({ payload }: { readonly payload: string }): boolean => {
    const { Records = [] }: FailedEvent = JSON.parse(payload);
    return Records.some(
      ({ eventSourceARN, dynamodb }) => eventSourceARN.includes(source) && 'epoch' in (dynamodb.NewImage ?? {}),
    );
  };
  return (await failures()).filter(isOfChange).length;
}

interface FailedEvent {
  readonly Records?: readonly { readonly eventSourceARN: string; readonly dynamodb: { readonly NewImage?: object } }[];
}

/** Tried until it is written: the engine may be away. */
async function poison({ bench }: InjectorDeps, poisoned: string[]): Promise<boolean> {
  const topic = `poison-${poisoned.length + 1}`;
  poisoned.push(topic);
  for (let attempt = 1; attempt <= POISON_ATTEMPTS; attempt++) {
    try {
      await writePoison(bench, topic);
      return true;
    } catch {
      await sleep(POISON_PAUSE_MS);
    }
  }
  poisoned.pop();
  return false;
}

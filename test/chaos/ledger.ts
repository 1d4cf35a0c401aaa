import { setTimeout as sleep } from 'node:timers/promises';
import { RealtimeError } from '../../client/src/index.ts';
import type { FleetClient } from './fleet.ts';
import { payloadOf } from './payload.ts';
import type { Operation } from './plan.ts';

/** A publish that the server accepted. */
interface Accepted {
  readonly epoch: string;
  readonly seq: number;
  readonly message: number;
  /** The client that is not to get it; undefined: nobody. */
  readonly notTo: number | undefined;
  /** Whether that client may get it all the same, since it published it again after a refusal. */
  readonly mayEcho?: boolean;
}

/** A request of a client that the server accepted, and when. */
interface Request {
  readonly client: number;
  /** The topic; `counter:NAME` for a counter. */
  readonly name: string;
  /** Times in epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** All that was asked of the server, and what it answered. */
export interface Ledger {
  /** The accepted messages by topic, in no order. */
  readonly messages: ReadonlyMap<string, readonly Accepted[]>;
  /** The sum of the accepted increments by counter. */
  readonly sums: ReadonlyMap<string, number>;
  /** The increments by counter of which a revocation hid whether they were counted. */
  readonly unsure: ReadonlyMap<string, readonly number[]>;
  readonly requests: readonly Request[];
  readonly rejected: readonly string[];
  readonly asked: () => number;
  readonly accepted: () => number;
  readonly underWay: () => number;
  /** The number of refusals for a revocation, after which a client asked again. */
  readonly refused: () => number;
  /** Does an operation; what became of it is written down. */
  readonly perform: (operation: Operation, client: FleetClient) => void;
}

/** Returns whether a client that began a request at this time may be refused: it was revoked. */
export type IsRefusalDue = (client: number, sinceMs: number) => boolean;

/** Pause in ms before a request that was refused for a revocation is made again. */
const AGAIN_MS = 300;

/** The codes by which a request of a revoked subject is refused. */
const REFUSALS: ReadonlySet<string> = new Set(['revoked', 'forbidden', 'unauthorized']);

interface Books {
  readonly seed: string;
  readonly isRefusalDue: IsRefusalDue | undefined;
  readonly messages: Map<string, Accepted[]>;
  readonly sums: Map<string, number>;
  readonly unsure: Map<string, number[]>;
  readonly requests: Request[];
  readonly rejected: string[];
  readonly counts: { asked: number; accepted: number; refused: number; hidden: number };
}

/** Writes down what is asked and answered. Without `isRefusalDue` no refusal is ever due. */
export function createLedger(seed: string, isRefusalDue?: IsRefusalDue): Ledger {
  const counts = { asked: 0, accepted: 0, refused: 0, hidden: 0 };
  const maps = { messages: new Map(), sums: new Map(), unsure: new Map() };
  const books: Books = { seed, isRefusalDue, ...maps, requests: [], rejected: [], counts };
  const { messages, sums, unsure, requests, rejected } = books;
  return {
    messages,
    sums,
    unsure,
    requests,
    rejected,
    asked: () => counts.asked,
    accepted: () => counts.accepted,
    underWay: () => counts.asked - counts.accepted - rejected.length - counts.hidden,
    refused: () => counts.refused,
    perform: (operation, client) => {
      counts.asked += 1;
      void settle(books, operation, client);
    },
  };
}

async function settle(books: Books, operation: Operation, client: FleetClient): Promise<void> {
  const { counts, rejected, requests } = books;
  for (let isAgain = false; ; isAgain = true) {
    const fromMs = Date.now();
    try {
      await (operation.kind === 'increment'
        ? count(books, operation, client)
        : publish(books, { ...operation, isAgain }, client));
      counts.accepted += 1;
      requests.push({ client: client.index, name: nameOf(operation), fromMs, toMs: Date.now() });
      return;
    } catch (error) {
      const code = error instanceof RealtimeError ? error.code : '';
      const isDue = REFUSALS.has(code) && books.isRefusalDue?.(client.index, fromMs) === true;
      if (!isDue) return void rejected.push(`client ${client.index}, ${operation.kind}: ${String(error)}`);
      // The library makes a new key for each increment: one that was perhaps counted must not be asked for again.
      if (operation.kind === 'increment' && code !== 'forbidden') return hide(books, operation);
      counts.refused += 1;
      await sleep(AGAIN_MS);
    }
  }
}

type Increment = Operation & { readonly kind: 'increment' };
type Publish = Operation & { readonly kind: 'publish' };

async function count({ sums }: Books, { counter, by }: Increment, { rt }: FleetClient): Promise<void> {
  await rt.counter(counter).increment(by);
  sums.set(counter, (sums.get(counter) ?? 0) + by);
}

async function publish(
  { seed, isRefusalDue, messages }: Books,
  { topic, message, echo, isAgain }: Publish & { readonly isAgain: boolean },
  { rt, index }: FleetClient,
): Promise<void> {
  // Under the same key it counts once, however often it is refused.
  const key = isRefusalDue === undefined ? {} : { key: `${seed}-${message}` };
  const { epoch, seq } = await rt.publish(topic, payloadOf(seed, message), { echo, ...key });
  const known = messages.get(topic) ?? [];
  messages.set(topic, known);
  known.push({ epoch, seq, message, notTo: echo ? undefined : index, mayEcho: isAgain });
}

function hide({ counts, unsure }: Books, { counter, by }: Increment): void {
  counts.hidden += 1;
  unsure.set(counter, [...(unsure.get(counter) ?? []), by]);
}

const nameOf = (operation: Operation): string =>
  operation.kind === 'publish' ? operation.topic : `counter:${operation.counter}`;

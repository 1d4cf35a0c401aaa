import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SubscriptionStore } from '../../shared/store/subscriptions.ts';
import { intercept } from './intercept.ts';

/** All orders in which `a` steps of one request and `b` of another can be made. */
export function interleavings(a: number, b: number): string[] {
  if (a === 0) return ['B'.repeat(b)];
  if (b === 0) return ['A'.repeat(a)];
  return [...interleavings(a - 1, b).map((rest) => `A${rest}`), ...interleavings(a, b - 1).map((rest) => `B${rest}`)];
}

/** A client whose calls each wait to be let through, one after another. */
export function gate(client: DynamoDBClient) {
  const waiting: (() => void)[] = [];
  intercept(client, async ({ proceed }) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return proceed();
  });
  return waiting;
}

export type StoreRequest = (store: SubscriptionStore) => Promise<void>;

/** Lets the calls of two requests through in this order; a request that has ended lets the other go on. */
export async function playInterleaved(
  order: string,
  requests: readonly [StoreRequest, StoreRequest],
  openStore: (gated: (client: DynamoDBClient) => DynamoDBClient) => SubscriptionStore,
): Promise<PromiseSettledResult<void>[]> {
  const parts = requests.map((request) => {
    let waiting: (() => void)[] = [];
    const store = openStore((client) => {
      waiting = gate(client);
      return client;
    });
    const part = { waiting, isOver: false, done: Promise.resolve() };
    part.done = request(store).finally(() => {
      part.isOver = true;
    });
    part.done.catch(() => undefined);
    return part;
  });
  for (const name of `${order}${'AB'.repeat(8)}`) {
    const part = parts[name === 'A' ? 0 : 1];
    if (part === undefined) throw new Error('There are two.');
    while (!part.isOver && part.waiting.length === 0) await nextTurn();
    part.waiting.shift()?.();
    // This call has been answered when the request makes its next, or ends.
    while (!part.isOver && part.waiting.length === 0) await nextTurn();
  }
  return Promise.allSettled(parts.map(({ done }) => done));
}

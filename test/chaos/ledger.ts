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
}

/** All that was asked of the server, and what it answered. */
export interface Ledger {
  /** The accepted messages by topic, in no order. */
  readonly messages: ReadonlyMap<string, readonly Accepted[]>;
  /** The sum of the accepted increments by counter. */
  readonly sums: ReadonlyMap<string, number>;
  readonly rejected: readonly string[];
  readonly asked: () => number;
  readonly accepted: () => number;
  readonly underWay: () => number;
  /** Does an operation; what became of it is written down. */
  readonly perform: (operation: Operation, client: FleetClient) => void;
}

/** Writes down what is asked and answered. */
export function createLedger(seed: string): Ledger {
  const messages = new Map<string, Accepted[]>();
  const sums = new Map<string, number>();
  const rejected: string[] = [];
  let [asked, accepted] = [0, 0];
  const ask = async (operation: Operation, { rt, index }: FleetClient): Promise<void> => {
    if (operation.kind === 'increment') {
      const { counter, by } = operation;
      await rt.counter(counter).increment(by);
      sums.set(counter, (sums.get(counter) ?? 0) + by);
      return;
    }
    const { topic, message, echo } = operation;
    const { epoch, seq } = await rt.publish(topic, payloadOf(seed, message), { echo });
    const notTo = echo ? undefined : index;
    const known = messages.get(topic) ?? [];
    messages.set(topic, known);
    known.push({ epoch, seq, message, notTo });
  };
  const settle = async (operation: Operation, client: FleetClient): Promise<void> => {
    try {
      await ask(operation, client);
      accepted += 1;
    } catch (error) {
      rejected.push(`client ${client.index}, ${operation.kind}: ${String(error)}`);
    }
  };
  return {
    messages,
    sums,
    rejected,
    asked: () => asked,
    accepted: () => accepted,
    underWay: () => asked - accepted - rejected.length,
    perform: (operation, client) => {
      asked += 1;
      void settle(operation, client);
    },
  };
}

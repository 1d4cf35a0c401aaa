import type { Counter, Realtime, RealtimeError, SubscriptionState } from '@distributary/client';

/** The state of a counter, as a component shows it. */
export interface CounterState {
  /** The value, with the changes of this client applied at once; undefined until the server has reported one. */
  readonly value: number | undefined;
  /** The state of the subscription to the counter. `idle` without a counter. */
  readonly state: SubscriptionState | 'idle';
  /** The error of a counter that the server refused; undefined in any other state. */
  readonly error: RealtimeError | undefined;
}

/** A counter for a component: its state, and functions that change it. */
export interface CounterView extends CounterState {
  /** Adds a whole number, by default 1. Resolves to the value right after it. */
  readonly increment: Counter['increment'];
  /** Subtracts a whole number, by default 1. Resolves to the value right after it. */
  readonly decrement: Counter['decrement'];
}

/** The state of a counter before its value is known, and on a server. */
export const NO_VALUE: CounterState = { value: undefined, state: 'subscribing', error: undefined };

/** The state without a counter. */
export const NO_COUNTER: CounterState = { ...NO_VALUE, state: 'idle' };

/** Subscribes to a counter and reports its state by `set`. Returns a function that ends it. */
export function followCounter(client: Realtime, name: string, set: (state: CounterState) => void): () => void {
  // The application may use the same counter outside of React, and that one stays.
  const counter = client.counter(name, { separate: true });
  const report = (): void => set({ value: counter.value, state: counter.state, error: counter.error });
  report();
  counter.on('change', report);
  counter.on('state', report);
  return () => counter.unsubscribe();
}

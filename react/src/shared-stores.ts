/** A function that starts to report each new state by `set`. Returns a function that ends it. */
export type Open<State> = (set: (state: State) => void) => () => void;

/**
 * The states that components follow, by key. Components that follow one key share one state, which is opened for the
 * first of them and closed after the last.
 */
export class SharedStores<State> {
  /** The state of a key that nobody follows, and of all keys on a server. */
  readonly initial: State;
  readonly #stores = new Map<string, SharedStore<State>>();

  constructor(initial: State) {
    this.initial = initial;
  }

  /** Returns the state of a key: the initial one while nobody follows it. */
  stateOf(key: string): State {
    return this.#stores.get(key)?.state ?? this.initial;
  }

  /** Calls `listener` at each change of the state. Returns a function that ends this. */
  follow(key: string, open: Open<State>, listener: () => void): () => void {
    const store = this.#stores.get(key) ?? new SharedStore(this.initial, () => this.#stores.delete(key));
    const end = store.follow(open, listener);
    this.#stores.set(key, store);
    return end;
  }
}

/** The state of one key. */
class SharedStore<State> {
  state: State;
  readonly #onClosed: () => void;
  readonly #listeners = new Set<() => void>();
  /** Undefined until the state is opened. */
  #close: (() => void) | undefined;
  #closing: ReturnType<typeof setTimeout> | undefined;

  constructor(initial: State, onClosed: () => void) {
    this.state = initial;
    this.#onClosed = onClosed;
  }

  follow(open: Open<State>, listener: () => void): () => void {
    clearTimeout(this.#closing);
    this.#close ??= open((state) => this.#set(state));
    // Two components may hand in the same function.
    const registration = () => listener();
    this.#listeners.add(registration);
    return () => {
      this.#listeners.delete(registration);
      if (this.#listeners.size === 0) this.#closeSoon();
    };
  }

  #set(state: State): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }

  /** Closes, unless somebody follows at once: the next page, StrictMode, or a component after a hot reload. */
  #closeSoon(): void {
    this.#closing = setTimeout(() => {
      this.#onClosed();
      this.#close?.();
    });
  }
}

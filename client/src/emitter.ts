/** Listeners by event name. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Calls `listener` at each `name` from now on; what it returns ends that. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    // A copy: a listener may add and remove listeners.
    for (const listener of [...(this.#listeners.get(name) ?? [])]) call(listener as (event: Events[Name]) => void, event);
  }
}

function call<Event>(listener: (event: Event) => void, event: Event): void {
  try {
    listener(event);
  } catch (error) {
    // A fault of the application must show, but must not stop the client halfway through a frame.
    queueMicrotask(() => {
      throw error;
    });
  }
}

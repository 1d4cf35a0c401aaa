/** The listeners of one object, by event name. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {};

  /** Calls `listener` at each `name` event from now on. Returns a function that removes this registration. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    // A copy: a listener may add and remove listeners.
    const listeners = new Set(this.#listeners[name]);
    for (const listener of listeners) call(listener, event);
  }
}

function call<Event>(listener: (event: Event) => void, event: Event): void {
  try {
    listener(event);
  } catch (error) {
    // An error of the application must show, but must not stop the client in the middle of a frame.
    queueMicrotask(() => {
      throw error;
    });
  }
}

interface Registration<Event> {
  readonly listener: (event: Event) => void;
}

/** The listeners of one object, by event name. */
export class Emitter<Events extends object> {
  #registrations: { [Name in keyof Events]?: Set<Registration<Events[Name]>> } = {};

  /**
   * Calls `listener` at each `name` event from now on. Returns a function that removes this registration, and no other
   * one of the same function.
   */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const registrations = (this.#registrations[name] ??= new Set());
    const registration = { listener };
    registrations.add(registration);
    return () => registrations.delete(registration);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    // A copy: a listener may add others. One that was removed meanwhile is not called.
    for (const registration of new Set(this.#registrations[name])) {
      if (this.#registrations[name]?.has(registration)) callSafely(registration.listener, event);
    }
  }

  /** Removes all listeners, also in the middle of an event. */
  clear(): void {
    this.#registrations = {};
  }
}

/**
 * Calls a function of the application. Its error is thrown later, as an uncaught one: it must show, but stop nothing
 * here.
 */
export function callSafely<Args extends readonly unknown[]>(callback: (...args: Args) => void, ...args: Args): void {
  try {
    callback(...args);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

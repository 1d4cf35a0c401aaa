import type { SubscribedFrame } from '../../shared/protocol/server-frames.ts';
import type { SubscriptionHandle } from './subscription-handle.ts';
import type { SubscriptionEvents } from './subscription.ts';
import type { Clock, Message, Position } from './types.ts';

/** The options of all handles of one topic, united. */
export interface UnitedOptions {
  readonly history: number | undefined;
  readonly batch: boolean;
  readonly presence: boolean;
}

/** Whether the server would treat the subscription in another way. */
export const isOtherEffect = (before: UnitedOptions, { batch, presence }: UnitedOptions): boolean =>
  batch !== before.batch || presence !== before.presence;

/** The handles of one topic. */
export class SubscriptionHandles {
  readonly #handles = new Set<SubscriptionHandle>();

  /** The longest history, `batch` unless one handle declines it, `presence` if one handle asks for it. */
  get options(): UnitedOptions {
    const all = [...this.#handles].map(({ options }) => options);
    return {
      history: Math.max(0, ...all.map(({ history = 0 }) => history)) || undefined,
      batch: all.every(({ batch = true }) => batch),
      presence: all.some(({ presence = false }) => presence),
    };
  }

  get isEmpty(): boolean {
    return this.#handles.size === 0;
  }

  add(handle: SubscriptionHandle): void {
    this.#handles.add(handle);
  }

  remove(handle: SubscriptionHandle): void {
    this.#handles.delete(handle);
  }

  /** Emits an event to every handle; of presence, to those that ask for it. */
  emit<Name extends keyof SubscriptionEvents<unknown>>(name: Name, event: SubscriptionEvents<unknown>[Name]): void {
    this.#forEach((handle) => {
      if (name !== 'presence' || handle.options.presence === true) handle.emit(name, event);
    });
  }

  deliver(message: Message): void {
    this.#forEach((handle) => handle.deliver(message));
  }

  takeHistory(frame: SubscribedFrame, position: Position | undefined): void {
    this.#forEach((handle) => handle.takeHistory(frame, position));
  }

  /** Starts a backfill of each handle that asks for history. */
  startBackfills(clock: Clock, awaited: number): void {
    this.#forEach((handle) => {
      if (handle.options.history !== undefined) handle.startBackfill(clock, awaited);
    });
  }

  stopBackfills(): void {
    this.#forEach((handle) => handle.stopBackfill());
  }

  end(): void {
    this.#forEach((handle) => handle.end());
    this.#handles.clear();
  }

  /**
   * Calls `act` for each handle. A listener may add and remove handles meanwhile; a removed one has no listeners any
   * more.
   */
  #forEach(act: (handle: SubscriptionHandle) => void): void {
    for (const handle of new Set(this.#handles)) act(handle);
  }
}

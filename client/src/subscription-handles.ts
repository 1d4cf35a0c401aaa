import type { SubscriptionHandle } from './subscription-handle.ts';
import type { SubscriptionEvents } from './subscription.ts';

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
export class SubscriptionHandles extends Set<SubscriptionHandle> {
  /** The longest history, `batch` unless one handle declines it, `presence` if one handle asks for it. */
  get options(): UnitedOptions {
    const all = [...this].map(({ options }) => options);
    return {
      history: Math.max(0, ...all.map(({ history = 0 }) => history)) || undefined,
      batch: all.every(({ batch = true }) => batch),
      presence: all.some(({ presence = false }) => presence),
    };
  }

  /** Emits an event to every handle; `ofPresence`: to those that ask for presence. */
  emit<Name extends keyof SubscriptionEvents<unknown>>(
    name: Name,
    event: SubscriptionEvents<unknown>[Name],
    ofPresence = false,
  ): void {
    this.each((handle) => {
      if (!ofPresence || handle.options.presence === true) handle.emit(name, event);
    });
  }

  /**
   * Calls `act` for each handle. A listener may add and remove handles meanwhile; a removed one has no listeners any
   * more.
   */
  each(act: (handle: SubscriptionHandle) => void): void {
    for (const handle of new Set(this)) act(handle);
  }
}

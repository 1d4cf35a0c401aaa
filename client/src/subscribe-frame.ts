import type { SubscribeFrame } from '../../shared/protocol/client-frames.ts';
import type { UnitedOptions } from './subscription-handles.ts';
import type { Position } from './types.ts';

/**
 * Returns the frame that subscribes to a topic from `position`; without a position, with the history of the options.
 */
export function subscribeFrameOf(
  topic: string,
  options: UnitedOptions,
  position: Position | undefined,
): SubscribeFrame {
  const { history, batch, presence } = options;
  // JSON leaves out what is undefined.
  return {
    action: 'subscribe',
    topic,
    position,
    history: position === undefined ? history : undefined,
    batch: batch || undefined,
    presence: presence || undefined,
  };
}

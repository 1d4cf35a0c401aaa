import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import * as BOUNDS from './bounds.ts';

/**
 * The effect of a subscribe or unsubscribe frame: the state in which the server has the subscription to the topic after
 * it.
 */
export interface TopicEffect {
  readonly topic: string;
  /**
   * The options of the subscription; empty after an unsubscribe. Frames with equal states may be handled in any order.
   */
  readonly state: string;
}

/** Returns the effect of a frame; undefined for one that does not change a subscription. */
export function topicEffectOf(frame: ClientFrame): TopicEffect | undefined {
  if (frame.action === 'unsubscribe') return { topic: frame.topic, state: '' };
  if (frame.action !== 'subscribe' || frame.before !== undefined) return undefined;
  const { topic, batch = false, presence = false } = frame;
  return { topic, state: `${batch} ${presence}` };
}

/** Whether a frame is for the connection that has the newest subscription to its topic. */
export const isOfTopic = (frame: ClientFrame): boolean =>
  frame.action === 'setPresence' || topicEffectOf(frame) !== undefined;

interface Effective {
  readonly effect: TopicEffect | undefined;
}

/**
 * Whether a frame can be sent now. `requests` are the unanswered ones of its topic, in the order of the calls. A
 * subscribe frame may follow a few others with the same effect, because their answers can be lost; any other frame has
 * to be the first.
 */
export function inSequence<Request extends Effective>(request: Request, requests: readonly Request[]): boolean {
  const earlier = requests.slice(0, requests.indexOf(request));
  const isRepeat = earlier.length < BOUNDS.TOPIC_REQUESTS && request.effect?.state !== '';
  return earlier.length === 0 || (isRepeat && earlier.every(({ effect }) => effect?.state === request.effect?.state));
}

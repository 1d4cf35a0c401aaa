import { LIMITS } from './limits.ts';

/** Topics with this prefix belong to counters: only plus and minus publish to them. */
const COUNTER_PREFIX = 'counter:';

/** The counter that plus and minus change when they name none. */
export const DEFAULT_COUNTER = 'global-counter';

/** The topic of `onMessage`, and of a `type: message` frame that names none. */
export const EVERYONE = 'everyone';

/** What a connection is subscribed to when its URL does not say. */
export const DEFAULT_TOPICS: readonly string[] = [EVERYONE, `${COUNTER_PREFIX}${DEFAULT_COUNTER}`];

/** Letters, digits, `_ - . : /`; no slash at either end. `__proto__` would be lost as a key of an object. */
export const TOPIC_PATTERN = /^(?!\/|__proto__$)[A-Za-z0-9_\-.:/]+(?<!\/)$/;

/** Whether `name` can be a topic: 1 to 128 characters of the alphabet. */
export const isTopic = (name: string): boolean => name.length <= LIMITS.TOPIC_LENGTH && TOPIC_PATTERN.test(name);

/** Whether the topic is a counter's. */
export const isCounterTopic = (topic: string): boolean => topic.startsWith(COUNTER_PREFIX);

/** The topic of the counter `name`. */
export const counterTopic = (name: string): string => `${COUNTER_PREFIX}${name}`;

/** The counter whose topic this is. */
export const counterName = (topic: string): string => topic.slice(COUNTER_PREFIX.length);

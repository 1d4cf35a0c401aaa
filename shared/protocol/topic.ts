import { LIMITS } from './limits.ts';

/** The prefix of counters' topics: only `plus` and `minus` publish to them. */
export const COUNTER_TOPIC_PREFIX = 'counter:';

/** The name of the counter that `plus` and `minus` change by default. */
export const DEFAULT_COUNTER = 'global-counter';

/** The topic of `onMessage`, and of a `type: message` frame without a topic. */
export const EVERYONE = 'everyone';

/** The topics that a connection is subscribed to if its URL names none. */
export const DEFAULT_TOPICS: readonly string[] = [EVERYONE, `${COUNTER_TOPIC_PREFIX}${DEFAULT_COUNTER}`];

/**
 * The pattern of a counter's name: letters, digits and `_ - . : /`, without a slash at either end. `__proto__` is
 * refused, since an object would lose it as a key.
 */
export const COUNTER_PATTERN = /^(?!\/|__proto__$)[A-Za-z0-9_\-.:/]+(?<!\/)$/;

/**
 * The pattern of a topic's name: as of a counter's, and with `counter:` before it the rest is a counter's name. Nothing
 * could ever be published to another topic with that prefix.
 */
export const TOPIC_PATTERN = /^(?!(?:counter:)?(?:\/|__proto__$|$))[A-Za-z0-9_\-.:/]+(?<!\/)$/;

/** Whether a text is a valid topic name: 1 to `TOPIC_LENGTH` characters of `TOPIC_PATTERN`. */
export const isTopic = (name: string): boolean => name.length <= LIMITS.TOPIC_LENGTH && TOPIC_PATTERN.test(name);

/** Whether a topic belongs to a counter. */
export const isCounterTopic = (topic: string): boolean => topic.startsWith(COUNTER_TOPIC_PREFIX);

/** Returns the topic of a counter. */
export const counterTopic = (name: string): string => `${COUNTER_TOPIC_PREFIX}${name}`;

/** Returns the name of the counter that a counter's topic belongs to. */
export const counterName = (topic: string): string => topic.slice(COUNTER_TOPIC_PREFIX.length);

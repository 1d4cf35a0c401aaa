import { LIMITS } from './limits.ts';
import { COUNTER_TOPIC_PREFIX, isCounterTopic, isTopic, TOPIC_PATTERN } from './topic.ts';

/** The largest number of separators in a wildcard, so that a topic lies under a bounded number of wildcards. */
const WILDCARD_SEPARATORS = LIMITS.WILDCARD_SEGMENTS - 1;

/**
 * The pattern of a wildcard: the start of topics' names up to a `/` or `:`, then `*`. Its meaning is that of a topic
 * pattern of a token. A bare `*` is refused, since it would be everyone's flood, and so are wildcards over counters.
 */
const WILDCARD_PATTERN = new RegExp(
  `^(?!/|${COUNTER_TOPIC_PREFIX})(?:[A-Za-z0-9_\\-.]*[:/]){1,${WILDCARD_SEPARATORS}}\\*$`,
);

/** The pattern of what can be subscribed to: a topic's name, or a wildcard. */
export const SUBSCRIBABLE_PATTERN = new RegExp(`${TOPIC_PATTERN.source}|${WILDCARD_PATTERN.source}`);

/** Whether a text is a wildcard: `news/*` stands for all topics whose names begin with `news/`, at any depth. */
export const isWildcard = (text: string): boolean => text.length <= LIMITS.TOPIC_LENGTH && WILDCARD_PATTERN.test(text);

/** Whether a text is the name of a topic, or a wildcard. */
export const isSubscribable = (text: string): boolean => isTopic(text) || isWildcard(text);

/** Whether a topic lies under a wildcard. */
export const isUnder = (topic: string, wildcard: string): boolean =>
  topic.length >= wildcard.length && topic.startsWith(wildcard.slice(0, -1));

/** Returns all wildcards that a topic lies under, the widest first: as many as it has separators, at most four. */
export function wildcardsOver(topic: string): readonly string[] {
  if (isCounterTopic(topic)) return [];
  const found: string[] = [];
  for (let end = 1; end < topic.length && found.length < WILDCARD_SEPARATORS; end++) {
    if (isSeparator(topic[end - 1])) found.push(`${topic.slice(0, end)}*`);
  }
  return found;
}

/**
 * Returns the subscription by which a connection gets a topic, of all its subscriptions: to the topic itself, or else
 * to the widest wildcard over it. Undefined without one.
 */
export const subscriptionTo = (topic: string, subscriptions: ReadonlySet<string>): string | undefined =>
  [topic, ...wildcardsOver(topic)].find((name) => subscriptions.has(name));

/**
 * Returns the two roots of a wildcard, by which the directory of wildcards knows it: that of its first segment and its
 * number of separators (`2#user/` for `user/ann/*`), and that of the number alone (`2#*`).
 */
export function rootsOf(wildcard: string): readonly [own: string, any: string] {
  const [first = '', ...others] = wildcard.split(AFTER_SEPARATOR);
  return [`${others.length}#${first}`, `${others.length}#*`];
}

/** The places in a text right after a separator. */
const AFTER_SEPARATOR = /(?<=[/:])/;

const isSeparator = (character: string | undefined): boolean => character === '/' || character === ':';

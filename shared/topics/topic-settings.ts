import { isTopicPattern } from '../auth/topic-pattern.ts';
import { ConfigError } from '../errors.ts';
import { byteLength, isObject } from '../protocol/decode-frame.ts';
import { isCounterTopic } from '../protocol/topic.ts';
import { findPattern } from './find-pattern.ts';

/** The settings of the topics that a pattern matches. What is absent is as in a stack without settings. */
export interface TopicSettings {
  /** The side that may create the topic by the first publish: `server`, back ends alone. Default: `client`, all. */
  readonly create?: (typeof CREATORS)[number] | undefined;
  /** Time in hours for which messages are kept: 1 to 8,760. Default: that of the stack. */
  readonly retentionHours?: number | undefined;
  /**
   * Number of messages, the newest, that clients can read: 0 to 100,000. A catch-up over more gets `recovered: false`.
   * Default: all that are kept.
   */
  readonly history?: number | undefined;
  /** Whether the newest message is the topic's state, and no other is kept: a catch-up is that one. Default: false. */
  readonly lastValueOnly?: boolean | undefined;
}

/** The settings of topics, by topic pattern. The most specific pattern that matches a topic holds, as a whole. */
export type SettingsByPattern = Readonly<Record<string, TopicSettings>>;

/** Returns the settings of a topic. */
export type FindTopicSettings = (topic: string) => TopicSettings;

/**
 * Size in bytes of the settings of all topics as JSON. A stack with larger ones is not synthesized: Lambda's variables
 * have 4 KB together.
 * @limit operator
 */
const TOPIC_SETTINGS_BYTES = 2_048;

/**
 * Number of messages that the setting `history` of a topic can name. A larger one is not synthesized.
 * @limit operator
 */
const HISTORY_SETTING = 100_000;

const SECONDS_PER_HOUR = 3_600;

const CREATORS = ['client', 'server'] as const;

const isWithin = (min: number, max: number) => (value: unknown) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;

/** The rule of each setting, with the words that follow `must be`. */
const RULES: Readonly<Record<keyof TopicSettings, readonly [(value: unknown) => boolean, string]>> = {
  create: [(value) => CREATORS.some((each) => each === value), `one of ${CREATORS.join(', ')}`],
  retentionHours: [isWithin(1, 8_760), 'a whole number from 1 to 8760'],
  history: [isWithin(0, HISTORY_SETTING), `a whole number from 0 to ${HISTORY_SETTING}`],
  lastValueOnly: [(value) => typeof value === 'boolean', 'true or false'],
};

/** The settings of messages, which a counter has none of. */
const OF_MESSAGES = ['retentionHours', 'history', 'lastValueOnly'] as const satisfies readonly (keyof TopicSettings)[];

/**
 * Returns the settings of topics from the stack's setting `topics` or from a Lambda's environment. Accepts its own
 * result. Throws ConfigError, which names the faulty part.
 */
export function readTopicSettings(value: unknown): SettingsByPattern {
  if (!isObject(value)) throw new ConfigError('topics must be an object of settings by topic pattern.');
  const settings = Object.entries(value).map(([pattern, each]) => [pattern, settingsOf(pattern, each)] as const);
  checkSize(settings);
  return Object.fromEntries(settings);
}

/** Returns a function that finds the settings of a topic; without settings it finds none for any topic. */
export function topicSettingsFinder(settings: SettingsByPattern | undefined): FindTopicSettings {
  if (settings === undefined) return () => NO_SETTINGS;
  const patterns = Object.keys(settings);
  return (topic) => {
    const pattern = findPattern(patterns, topic);
    return (pattern === undefined ? undefined : settings[pattern]) ?? NO_SETTINGS;
  };
}

/**
 * Returns a function that finds the time in seconds for which a topic's messages are archived; undefined for a topic
 * whose newest message alone is kept, in its head. `stackHours` is the retention of the stack.
 */
export const retentionFinder =
  (settingsOf: FindTopicSettings, stackHours: number) =>
  (topic: string): number | undefined => {
    const { lastValueOnly, retentionHours = stackHours } = settingsOf(topic);
    return lastValueOnly === true ? undefined : retentionHours * SECONDS_PER_HOUR;
  };

const NO_SETTINGS: TopicSettings = {};

function checkSize(settings: readonly (readonly [string, TopicSettings])[]): void {
  const bytesOf = (count: number) => byteLength(JSON.stringify(Object.fromEntries(settings.slice(0, count))));
  const bytes = bytesOf(settings.length);
  if (bytes <= TOPIC_SETTINGS_BYTES) return;
  const first = settings.find((_, index) => bytesOf(index + 1) > TOPIC_SETTINGS_BYTES)?.[0];
  throw new ConfigError(
    `topics has ${bytes} bytes as JSON: at most ${TOPIC_SETTINGS_BYTES}, past which ${JSON.stringify(first)} comes. ` +
      'Use fewer patterns.',
  );
}

function settingsOf(pattern: string, value: unknown): TopicSettings {
  const at = `topics[${JSON.stringify(pattern)}]`;
  if (!isTopicPattern(pattern)) throw new ConfigError(`${at}: the key is not a topic pattern.`);
  if (!isObject(value)) throw new ConfigError(`${at} must be an object of settings.`);
  for (const [name, setting] of Object.entries(value)) {
    if (!isName(name)) throw new ConfigError(`${at}.${name} is not a setting of a topic.`);
    const [isValid, rule] = RULES[name];
    if (!isValid(setting)) throw new ConfigError(`${at}.${name} must be ${rule}.`);
  }
  checkTogether(at, pattern, value);
  return value;
}

/** Throws for settings that are valid one by one and mean nothing together. */
function checkTogether(at: string, pattern: string, settings: TopicSettings): void {
  const misplaced = isCounterTopic(pattern) ? OF_MESSAGES.find((name) => settings[name] !== undefined) : undefined;
  if (misplaced !== undefined) throw new ConfigError(`${at}.${misplaced}: a counter has no messages.`);
  if (settings.lastValueOnly !== true) return;
  const other = OF_MESSAGES.find((name) => name !== 'lastValueOnly' && settings[name] !== undefined);
  if (other === undefined) return;
  throw new ConfigError(`${at}.${other} means nothing beside lastValueOnly: one message is kept, in the topic itself.`);
}

const isName = (name: string): name is keyof TopicSettings => Object.hasOwn(RULES, name);

import { isTopicPattern } from '../auth/topic-pattern.ts';
import { ConfigError } from '../errors.ts';
import { byteLength, isObject } from '../protocol/decode-frame.ts';
import { findPattern } from './find-pattern.ts';

/** The settings of the topics that a pattern matches. What is absent is as in a stack without settings. */
interface TopicSettings {
  /** The side that may create the topic by the first publish: `server`, back ends alone. Default: `client`, all. */
  readonly create?: (typeof CREATORS)[number] | undefined;
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

const CREATORS = ['client', 'server'] as const;
/** The rule of each setting, with the words that follow `must be`. */
const RULES: Readonly<Record<keyof TopicSettings, readonly [(value: unknown) => boolean, string]>> = {
  create: [(value) => CREATORS.some((each) => each === value), `one of ${CREATORS.join(', ')}`],
};

/**
 * Returns the settings of topics from the stack's setting `topics` or from a Lambda's environment. Accepts its own
 * result. Throws ConfigError, which names the faulty part.
 */
export function readTopicSettings(value: unknown): SettingsByPattern {
  if (!isObject(value)) throw new ConfigError('topics must be an object of settings by topic pattern.');
  const bytes = byteLength(JSON.stringify(value));
  if (bytes > TOPIC_SETTINGS_BYTES) {
    throw new ConfigError(`topics has ${bytes} bytes as JSON: at most ${TOPIC_SETTINGS_BYTES}. Use fewer patterns.`);
  }
  return Object.fromEntries(Object.entries(value).map(([pattern, each]) => [pattern, settingsOf(pattern, each)]));
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

const NO_SETTINGS: TopicSettings = {};

function settingsOf(pattern: string, value: unknown): TopicSettings {
  const at = `topics[${JSON.stringify(pattern)}]`;
  if (!isTopicPattern(pattern)) throw new ConfigError(`${at}: the key is not a topic pattern.`);
  if (!isObject(value)) throw new ConfigError(`${at} must be an object of settings.`);
  for (const [name, setting] of Object.entries(value)) {
    if (!isName(name)) throw new ConfigError(`${at}.${name} is not a setting of a topic.`);
    const [isValid, rule] = RULES[name];
    if (!isValid(setting)) throw new ConfigError(`${at}.${name} must be ${rule}.`);
  }
  return value;
}

const isName = (name: string): name is keyof TopicSettings => Object.hasOwn(RULES, name);

import { isTopicPattern } from '../auth/topic-pattern.ts';
import { ConfigError } from '../errors.ts';
import { isObject } from '../protocol/decode-frame.ts';
import { LIMITS } from '../protocol/limits.ts';
import { isCounterTopic } from '../protocol/topic.ts';
import type { CounterDefinition, DefinedBounds } from './define-topics.ts';
import { findPattern } from './find-pattern.ts';
import type { StandardSchema } from './standard-schema.ts';

/** The checked definitions of topics. */
export interface Definitions {
  /** The patterns of topics with their schemas, in the order of their definition. */
  readonly schemas: ReadonlyMap<string, StandardSchema>;
  /** The patterns of counters' topics with their bounds. */
  readonly counters: ReadonlyMap<string, DefinedBounds>;
}

/**
 * Checks the definitions that `defineTopics` returned. Throws ConfigError for a key that is no topic pattern, for a
 * counter's key without `counter(…)`, for another key without a schema, and for bounds without 0.
 */
export function readDefinitions(value: unknown): Definitions {
  if (!isObject(value)) throw new ConfigError('The definitions of topics must be what `defineTopics` returns.');
  const schemas = new Map<string, StandardSchema>();
  const counters = new Map<string, DefinedBounds>();
  for (const [pattern, definition] of Object.entries(value)) {
    if (!isTopicPattern(pattern)) throw faultOf(pattern, 'is not a topic pattern');
    if (isCounterTopic(pattern)) counters.set(pattern, boundsIn(pattern, definition));
    else schemas.set(pattern, schemaIn(pattern, definition));
  }
  return { schemas, counters };
}

/** Returns the schema of a topic's messages; undefined for a topic that no pattern matches. */
export function schemaOf({ schemas }: Definitions, topic: string): StandardSchema | undefined {
  const pattern = findPattern(schemas.keys(), topic);
  return pattern === undefined ? undefined : schemas.get(pattern);
}

/** Returns the bounds of a counter by its topic; none for a counter that no pattern matches. */
export function boundsOf({ counters }: Definitions, topic: string): DefinedBounds {
  const pattern = findPattern(counters.keys(), topic);
  return (pattern === undefined ? undefined : counters.get(pattern)) ?? {};
}

function boundsIn(pattern: string, definition: unknown): DefinedBounds {
  if (!isCounter(definition)) throw faultOf(pattern, 'needs `counter(…)`: only counters have topics of this prefix');
  const { min, max } = definition.counter;
  for (const bound of [min, max]) {
    if (bound === undefined || (Number.isSafeInteger(bound) && Math.abs(bound) <= LIMITS.COUNTER_VALUE)) continue;
    throw faultOf(pattern, `has a bound that is not a whole number of at most ${LIMITS.COUNTER_VALUE}`);
  }
  if ((min ?? 0) > 0 || (max ?? 0) < 0) throw faultOf(pattern, 'has bounds without 0, where every counter begins');
  return definition.counter;
}

function schemaIn(pattern: string, definition: unknown): StandardSchema {
  if (isSchema(definition)) return definition;
  throw faultOf(pattern, 'needs a schema that implements Standard Schema, version 1');
}

const isCounter = (value: unknown): value is CounterDefinition => isObject(value) && isObject(value['counter']);

/** Whether a value is a schema. ArkType's schemas are functions. */
function isSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = Reflect.get(value, '~standard');
  return isObject(standard) && standard['version'] === 1 && typeof standard['validate'] === 'function';
}

const faultOf = (pattern: string, fault: string): ConfigError =>
  new ConfigError(`The definition of the topic ${JSON.stringify(pattern)} ${fault}.`);

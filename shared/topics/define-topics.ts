import type { StandardSchema } from './standard-schema.ts';

/** The bounds that a counter's value never leaves. A counter begins at 0, which must be within them. */
export interface DefinedBounds {
  readonly min?: number;
  readonly max?: number;
}

/** The definition of a counter. */
export interface CounterDefinition {
  readonly counter: DefinedBounds;
}

/** The definition of a topic: the schema of its messages, or what holds of a counter. */
export type TopicDefinition = StandardSchema | CounterDefinition;

/** The definitions of topics, by topic pattern. */
export type TopicDefinitions = Readonly<Record<string, TopicDefinition>>;

/** The type that a definition must have, by its pattern. A pattern that is invalid takes none. */
type Checked<Topics> = {
  readonly [Pattern in keyof Topics]: Pattern extends `counter:${string}`
    ? CounterDefinition
    : Pattern extends `${infer Start}*`
      ? Start extends '' | `${string}/` | `${string}:`
        ? StandardSchema
        : never
      : StandardSchema;
};

/**
 * Defines the topics of an application: by topic pattern a schema of the messages, or `counter(…)`. The key is a
 * topic's name, or a start that ends in `/` or `:` followed by `*`, or `*`; the most specific pattern holds. Returns
 * the definitions as they are.
 *
 * @example
 * const topics = defineTopics({ news: Article, 'order:*': Order, 'counter:votes': counter({ min: 0 }) });
 */
export const defineTopics = <const Topics extends TopicDefinitions>(topics: Topics & Checked<Topics>): Topics => topics;

/** Defines a counter, and the bounds that its value never leaves. Default: the bounds of every counter. */
export const counter = (bounds: DefinedBounds = {}): CounterDefinition => ({ counter: bounds });

import type { StandardSchema } from './standard-schema.ts';

/** The default topic types: any topic, with data of any type. */
export type AnyTopics = Readonly<Record<string, unknown>>;

/** The keys of `Topics` that are no counters'. */
type TopicPatterns<Topics> = Exclude<keyof Topics & string, `counter:${string}`>;

/** The names that a topic pattern matches. */
type NamesOf<Pattern extends string> = Pattern extends '*'
  ? string
  : Pattern extends `${infer Start}*`
    ? `${Start}${string}`
    : Pattern;

/** The topics of `Topics`: its names, and the names that its patterns match, without counters. */
export type TopicName<Topics> = NamesOf<TopicPatterns<Topics>>;

/** The counters of `Topics`. The key of a counter is `counter:NAME`, or a pattern that begins with `counter:`. */
export type CounterName<Topics> = string extends keyof Topics ? string : NameAfterPrefix<keyof Topics>;

type NameAfterPrefix<Key> = Key extends `counter:${infer Name}` ? NamesOf<Name> : never;

/**
 * The type of a topic's data. The definition is that of the topic's own key, or of the most specific pattern that
 * matches its name. A schema stands for its input type, because messages are stored as they were sent.
 */
export type TopicData<Topics, Name extends string> = [AnyTopics] extends [Topics]
  ? unknown
  : Name extends keyof Topics
    ? DataOf<Topics[Name]>
    : DataOf<Topics[MostSpecific<Matching<TopicPatterns<Topics>, Name>> & keyof Topics]>;

/** The type of data that a definition stands for: a schema's input type, or the type itself. */
type DataOf<Definition> = unknown extends Definition
  ? Definition
  : [Definition] extends [StandardSchema<infer Input>]
    ? Input
    : Definition;

/** The patterns that match a name. */
type Matching<Pattern extends string, Name extends string> = Pattern extends string
  ? Name extends NamesOf<Pattern>
    ? Pattern
    : never
  : never;

/** The pattern that all names of which are names of all other patterns: the longest. */
type MostSpecific<Pattern extends string, Each extends string = Pattern> = Each extends string
  ? [Pattern] extends [Containing<Pattern, Each>]
    ? Each
    : never
  : never;

/** The patterns that match all names of a pattern, itself included. */
type Containing<Pattern extends string, Inner extends string> = Pattern extends string
  ? NamesOf<Inner> extends NamesOf<Pattern>
    ? Pattern
    : never
  : never;

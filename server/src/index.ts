export { counter, defineTopics } from '../../shared/topics/define-topics.ts';
export { describeTopics } from '../../shared/topics/describe-topics.ts';
export { mintToken } from './mint-token.ts';
export { PublishError } from './publish-error.ts';
export { createPublisher } from './publisher.ts';
export type {
  CounterDefinition,
  DefinedBounds,
  TopicDefinition,
  TopicDefinitions,
} from '../../shared/topics/define-topics.ts';
export type { DescribeTopicsOptions, TopicsDocument, Undescribed } from '../../shared/topics/describe-topics.ts';
export type { ToJsonSchema } from '../../shared/topics/topic-json-schema.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from '../../shared/topics/standard-schema.ts';
export type { AnyTopics, CounterName, TopicData, TopicName } from '../../shared/topics/topic-types.ts';
export type { SecretTokenOptions, SignedTokenOptions, TokenOptions } from './mint-token.ts';
export type { PublishErrorCode } from './publish-error.ts';
export type {
  Counted,
  IncrementOptions,
  Published,
  Publisher,
  PublisherOptions,
  WriteOptions,
} from './publisher.ts';

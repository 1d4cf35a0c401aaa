export { counter, defineTopics } from '../../shared/topics/define-topics.ts';
export { connect } from './connect.ts';
export { RealtimeError } from './realtime-error.ts';
export type {
  CounterDefinition,
  DefinedBounds,
  TopicDefinition,
  TopicDefinitions,
} from '../../shared/topics/define-topics.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from '../../shared/topics/standard-schema.ts';
export type { AnyTopics, CounterName, TopicData, TopicName } from '../../shared/topics/topic-types.ts';
export type { Counter, CounterBounds, CounterEvents, CounterOptions } from './counter.ts';
export type { Published, PublishOptions, Realtime, RealtimeEvents } from './realtime.ts';
export type { HistoryOptions, SubscribeOptions, Subscription, SubscriptionEvents } from './subscription.ts';
export type {
  Clock,
  ClosedTopic,
  ConnectOptions,
  DebugListener,
  Fault,
  Gap,
  HistoryPage,
  Member,
  Message,
  OwnPresence,
  Position,
  Presence,
  PresenceChange,
  RealtimeErrorCode,
  Recovered,
  Socket,
  SocketClass,
  Status,
  Subscribed,
  SubscriptionState,
  Token,
  Transport,
  WakeSource,
} from './types.ts';

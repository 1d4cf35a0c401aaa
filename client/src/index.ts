export { connect } from './connect.ts';
export { RealtimeError } from './realtime-error.ts';
export type { Counter, CounterBounds, CounterEvents } from './counter.ts';
export type {
  AnyTopics,
  CounterName,
  Published,
  PublishOptions,
  Realtime,
  RealtimeEvents,
  TopicName,
} from './realtime.ts';
export type { HistoryOptions, SubscribeOptions, Subscription, SubscriptionEvents } from './subscription.ts';
export type {
  Clock,
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
  WakeSource,
} from './types.ts';

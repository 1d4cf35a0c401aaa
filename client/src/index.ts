export { connect } from './connect.ts';
export { RealtimeError } from './realtime-error.ts';
export type { Counter, CounterBounds, CounterEvents } from './counter.ts';
export type { Published, PublishOptions, Realtime, RealtimeEvents } from './realtime.ts';
export type { SubscribeOptions, Subscription, SubscriptionEvents } from './topic-subscription.ts';
export type {
  Clock,
  ConnectOptions,
  Gap,
  Message,
  Position,
  RealtimeErrorCode,
  Socket,
  SocketClass,
  Status,
  Subscribed,
  SubscriptionState,
} from './types.ts';

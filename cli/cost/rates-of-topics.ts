import type { Rates } from './hourly-cost.ts';
import { COUNTER_INTERVAL_MS } from '../../shared/fanout/broadcast/counter-pace.ts';

/** The rates observed in one topic. */
export interface TopicRate {
  readonly kind: string;
  readonly subscribers: number;
  /** Changes written a second. */
  readonly perSecond: number;
  /** The size of its newest message's data as JSON; 0 without a message. */
  readonly messageBytes: number;
}

/**
 * Sums up the rates of topics. The connections are the subscribers of the largest topic: all connections, as long as
 * every one is subscribed to the default topics.
 */
export function ratesOfTopics(topics: readonly TopicRate[]): Rates {
  const publishesPerSecond = sumOf(topics.map(({ perSecond }) => perSecond));
  const bytesPerSecond = sumOf(topics.map(({ perSecond, messageBytes }) => perSecond * messageBytes));
  return {
    connections: topics.reduce((most, { subscribers }) => Math.max(most, subscribers), 0),
    publishesPerSecond,
    deliveriesPerSecond: sumOf(topics.map((topic) => deliveredPerSecond(topic) * topic.subscribers)),
    messageBytes: publishesPerSecond > 0 ? bytesPerSecond / publishesPerSecond : 0,
  };
}

/** Returns the deliveries a second to one subscriber. A counter's are limited by its pace. */
const deliveredPerSecond = ({ kind, perSecond }: TopicRate): number =>
  kind === 'counter' ? Math.min(perSecond, 1_000 / COUNTER_INTERVAL_MS) : perSecond;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

import type { Rates } from './hourly-cost.ts';
import { COUNTER_INTERVAL_MS } from '../../shared/fanout/broadcast/counter-pace.ts';

/** What is seen of one topic. */
export interface TopicRate {
  readonly kind: string;
  readonly subscribers: number;
  /** Changes written a second. */
  readonly perSecond: number;
  /** Data of its newest message as JSON; 0 where there is none. */
  readonly messageBytes: number;
}

/**
 * The rates of these topics together. Connections are those of the topic with the most subscribers: all of them, as long as
 * everyone is subscribed to the default topics.
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

/** Of a counter's changes no more are delivered than its pace allows. */
const deliveredPerSecond = ({ kind, perSecond }: TopicRate): number =>
  kind === 'counter' ? Math.min(perSecond, 1_000 / COUNTER_INTERVAL_MS) : perSecond;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

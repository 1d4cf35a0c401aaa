import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { type DeliverShardDeps, deliverShard } from '../shared/fanout/shards/deliver-shard.ts';
import type { ShardAnswer, ShardTask } from '../shared/fanout/shards/shard-task.ts';
import { listShard, removeConnection } from '../shared/store/subscribers.ts';
import { openDebts, openDelivery, openEnds } from './open-fanout.ts';
import { createLambda } from './lambda.ts';
import { openSubscriptionsTable } from './open-stores.ts';

const { lambda, logger, metrics } = createLambda<ShardTask, ShardAnswer>('shard-worker');
const subscriptions = openSubscriptionsTable();

const deps: DeliverShardDeps = {
  ...openDelivery(logger),
  listShard: (topic, shard) => listShard(subscriptions, topic, shard),
  removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  noteDebts: openDebts(logger, subscriptions),
  endConnections: openEnds(logger, subscriptions),
  report: ({ event, ...details }) => logger.error(event, { ...details }),
};

/**
 * Handles one task of the broadcast: delivers frames to one shard of a topic and returns the counts of outcomes, which
 * the broadcast adds to its own.
 */
export const handler = lambda.handler(async (task) => {
  const { answer, undelivered } = await deliverShard(deps, task);
  const { topic, shard, frames } = task;
  const { epoch, seq: firstSeq } = frames[0] ?? {};
  logger.info('shard-worker', {
    topic,
    shard,
    epoch,
    firstSeq,
    lastSeq: frames.at(-1)?.seq,
    ...answer,
    ...undelivered,
  });
  metrics.addMetric('ShardSubscribers', MetricUnit.Count, answer.subscribers);
  return answer;
});

import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { bundleHandlers } from '../../../infra/bundle-handlers.ts';
import { HANDLERS } from '../../../infra/functions.ts';
import { Distributary } from '../../../infra/index.ts';
import { FROM_TABLE_HANDLER } from '../../../infra/topics-from.ts';

// An engineer's app with two tables of its own that become topics: orders, and the sessions that TTL deletes.
const app = new App();
const bundles = await bundleHandlers([...Object.values(HANDLERS), FROM_TABLE_HANDLER]);
try {
  const stack = new Stack(app, 'Shop');
  const live = new Distributary(stack, 'Default', { bundles });
  const orders = new TableV2(stack, 'Orders', {
    partitionKey: { name: 'orderId', type: AttributeType.STRING },
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
  });
  const sessions = new Table(stack, 'Sessions', {
    partitionKey: { name: 'userId', type: AttributeType.STRING },
    sortKey: { name: 'startedAt', type: AttributeType.NUMBER },
    timeToLiveAttribute: 'expiresAt',
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
  });
  live.topicsFrom(orders, {
    topic: 'order:{customerId}',
    on: ['INSERT', 'MODIFY', 'REMOVE'],
    when: { status: [{ 'anything-but': ['draft'] }] },
    project: ['status', 'total', 'number'],
  });
  live.topicsFrom(sessions, { topic: 'sessions', on: ['REMOVE'], project: ['device'] });
  new CfnOutput(stack, 'OrdersTable', { value: orders.tableName });
  new CfnOutput(stack, 'SessionsTable', { value: sessions.tableName });
  app.synth();
} finally {
  await bundles.remove();
}

import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Distributary } from '@distributary/cdk';

const app = new App();
const stack = new Stack(app, 'STACK_NAME');
const live = new Distributary(stack, 'Live', { auth: app.node.tryGetContext('auth') });

// The tables of the application, which knows nothing of topics.
const [type, dynamoStream] = [AttributeType.STRING, StreamViewType.NEW_IMAGE];
const orders = new TableV2(stack, 'Orders', { partitionKey: { name: 'orderId', type }, dynamoStream });
const totals = new TableV2(stack, 'Totals', { partitionKey: { name: 'city', type }, dynamoStream });

// Each change of them becomes a message: the newest one of a city's topic is its total.
live.topicsFrom(orders, { topic: 'orders', project: ['city', 'status', 'cents'] });
live.topicsFrom(totals, { topic: 'totals/{city}', project: ['open', 'sent', 'cents'] });

new CfnOutput(stack, 'OrdersTable', { value: orders.tableName });
new CfnOutput(stack, 'TotalsTable', { value: totals.tableName });

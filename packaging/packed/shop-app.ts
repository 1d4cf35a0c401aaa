/**
 * The text of a CDK app with two instances in one stack, and topics from a table of its own. An argument names the
 * directory of the assembly.
 */
export const SHOP_APP = `import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Distributary } from '@distributary/cdk';

const [, , outdir] = process.argv;
const app = new App({ outdir });
const stack = new Stack(app, 'Shop');
const live = new Distributary(stack, 'Live');
new Distributary(stack, 'Chat', { stageName: 'chat', poster: 'sdk' });
const orders = new TableV2(stack, 'Orders', {
  partitionKey: { name: 'orderId', type: AttributeType.STRING },
  dynamoStream: StreamViewType.NEW_IMAGE,
});
live.topicsFrom(orders, { topic: 'order:{customerId}', project: ['status'] });
new CfnOutput(stack, 'OrdersTable', { value: orders.tableName });
app.synth();
`;

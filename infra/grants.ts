import { Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { BY_TOPIC } from '../shared/store/schema.ts';
import type { StreamPipeline } from './stream-pipeline.ts';
import type { Tables } from './tables.ts';
import type { WebSocketApi } from './web-socket-api.ts';

/** The actions that are allowed on each resource. */
type Allowed = readonly (readonly [resource: string, ...actions: string[]])[];

/** The resources that an operator's replay touches. */
export interface ReplayedResources {
  readonly tables: Tables;
  readonly pipeline: StreamPipeline;
  readonly webSocket: WebSocketApi;
}

/**
 * Grants to publish and to count: one atomic update of a topic, with a key in one transaction. A transaction needs the
 * actions of its parts, and no separate one.
 */
export const grantPublishing = (grantee: IGrantable, { topics, keys }: Tables): Grant =>
  grantAll(grantee, [
    [topics.tableArn, 'dynamodb:UpdateItem'],
    [keys.tableArn, 'dynamodb:PutItem'],
  ]);

/**
 * Grants what `distributary replay` does: it finds the stack, reads the stream, the archive and the failures, delivers,
 * archives, asks again for catch-ups, and removes connections that are gone and failures that are settled.
 */
export const grantReplaying = (grantee: IGrantable, resources: ReplayedResources): Grant => {
  const { tables, pipeline, webSocket } = resources;
  const { topics, messages, subscriptions } = tables;
  return grantAll(grantee, [
    [Stack.of(topics).stackId, 'cloudformation:DescribeStacks'],
    [topics.tableArn, 'dynamodb:DescribeTable', 'dynamodb:GetItem', 'dynamodb:Scan'],
    [streamOf(topics), 'dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    [messages.tableArn, 'dynamodb:BatchWriteItem', 'dynamodb:Query', 'dynamodb:Scan'],
    [subscriptions.tableArn, 'dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    [`${subscriptions.tableArn}/index/${BY_TOPIC.name}`, 'dynamodb:Query'],
    [pipeline.failures.bucketArn, 's3:ListBucket'],
    [pipeline.failures.arnForObjects('*'), 's3:GetObject', 's3:DeleteObject'],
    [webSocket.connections('POST'), 'execute-api:ManageConnections'],
  ]);
};

function grantAll(grantee: IGrantable, allowed: Allowed): Grant {
  const grants = allowed.map(([resource, ...actions]) =>
    Grant.addToPrincipal({ grantee, actions, resourceArns: [resource] }),
  );
  return grants.reduce((all, each) => all.combine(each));
}

function streamOf(table: TableV2): string {
  if (table.tableStreamArn === undefined) throw new Error(`${table.node.path} has no stream.`);
  return table.tableStreamArn;
}

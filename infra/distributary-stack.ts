import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeFindings } from './acknowledged-findings.ts';
import { ApiGatewayLogging } from './api-gateway-logging.ts';
import type { Bundles } from './bundle-handlers.ts';
import { Functions } from './functions.ts';
import { Monitoring } from './monitoring.ts';
import type { Settings } from './settings.ts';
import { StreamPipeline } from './stream-pipeline.ts';
import { Tables } from './tables.ts';
import { WebSocketApi } from './web-socket-api.ts';

/** The properties of the stack. */
export interface DistributaryStackProps extends Omit<StackProps, 'stackName'>, Settings {
  readonly bundles: Bundles;
}

/**
 * The stack: tables, functions, WebSocket API, stream mappings and monitoring. Its outputs are what operators need: the
 * URLs, and the names of tables, bucket, dashboard and alarm topic. Nothing in it has a fixed name, so several stacks
 * fit one account and region.
 */
export class DistributaryStack extends Stack {
  constructor(scope: Construct, id: string, props: DistributaryStackProps) {
    super(scope, id, props);
    const { messageRetentionHours, stageName, alarmEmail } = props;
    const tables = new Tables(this, 'Tables');
    const functions = new Functions(this, 'Functions', { ...props, tables });
    const { stage, api, routes } = new WebSocketApi(this, 'WebSocket', { ...props, functions });
    const { failures, bucket, mappings } = new StreamPipeline(this, 'Pipeline', { tables, functions });
    const { stackName } = this;
    const monitored = { stackName, tables, functions, mappings, stage };
    const { dashboardName, topicArn } = new Monitoring(this, 'Monitoring', { ...monitored, alarmEmail });
    if (props.setsLoggingRole) stage.node.addDependency(new ApiGatewayLogging(this, 'ApiGatewayLogging'));
    this.#output({
      WebSocketUrl: stage.url,
      CallbackUrl: stage.callbackUrl,
      TopicsTable: tables.topics.tableName,
      MessagesTable: tables.messages.tableName,
      KeysTable: tables.keys.tableName,
      SubscriptionsTable: tables.subscriptions.tableName,
      FailuresBucket: failures.bucketName,
      MessageRetentionHours: String(messageRetentionHours),
      DashboardName: dashboardName,
      ...(topicArn === undefined ? {} : { AlarmTopicArn: topicArn }),
    });
    acknowledgeFindings(this, { api, stageName, bucket, routes, isAuthorized: props.auth !== undefined });
  }

  #output(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}

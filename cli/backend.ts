import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { createClient } from '../shared/store/client.ts';
import { CLI_BOUNDS } from './bounds.ts';
import type { Stack } from './find-stack.ts';
import { createLocalLogs } from './logs/local-logs.ts';
import type { LogSource } from './logs/log-source.ts';
import { createStackLogs } from './logs/stack-logs.ts';

/** A stack and the clients that reach it. */
export interface Backend {
  readonly stack: Stack;
  readonly dynamodb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly s3: S3Client;
  readonly callback: ApiGatewayManagementApiClient;
  readonly logs: LogSource;
  readonly close: () => void;
}

/** Opens the clients of a stack. They read the environment, as the Lambdas' clients do. */
export function openBackend(stack: Stack, environment: NodeJS.ProcessEnv): Backend {
  pointAt(environment, stack);
  const clients = {
    dynamodb: createClient(),
    streams: new DynamoDBStreamsClient({}),
    s3: new S3Client({ forcePathStyle: stack.isLocal }),
    callback: new ApiGatewayManagementApiClient({ endpoint: stack.resources.callbackUrl }),
  };
  const logs = openLogs(stack);
  const close = (): void => {
    for (const client of Object.values(clients)) client.destroy();
    logs.close();
  };
  return { stack, ...clients, logs, close };
}

function openLogs({ name, stackName, instance, region, endpoints, resources }: Stack): LogSource {
  if (stackName === undefined) {
    const callbackUrl = endpoints?.callback ?? resources.callbackUrl;
    return createLocalLogs({ name, instance, callbackUrl, timeoutMs: CLI_BOUNDS.LOGS_MS });
  }
  return createStackLogs({
    logs: new CloudWatchLogsClient({ region, maxAttempts: CLI_BOUNDS.LOG_ATTEMPTS }),
    cloudformation: new CloudFormationClient({ region }),
    stackName,
    instance,
    bounds: CLI_BOUNDS,
    now: Date.now,
  });
}

/** Sets the environment that the clients read. For the local runtime it hides all real credentials, so none is sent. */
function pointAt(environment: NodeJS.ProcessEnv, { region, endpoints }: Stack): void {
  environment['AWS_REGION'] = region;
  if (endpoints === undefined) return;
  environment['AWS_ACCESS_KEY_ID'] = 'local';
  environment['AWS_SECRET_ACCESS_KEY'] = 'local';
  environment['AWS_ENDPOINT_URL_DYNAMODB'] = endpoints.dynamodb;
  environment['AWS_ENDPOINT_URL_DYNAMODB_STREAMS'] = endpoints.dynamodb;
  environment['AWS_ENDPOINT_URL_S3'] = endpoints.s3;
  if (endpoints.lambda !== undefined) environment['AWS_ENDPOINT_URL_LAMBDA'] = endpoints.lambda;
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete environment[name];
}

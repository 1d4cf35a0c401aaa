import { ENVIRONMENT } from '../../shared/config.ts';
import { TABLE_NAMES } from './tables.ts';

export interface Endpoints {
  readonly dynamodb: string;
  /** The stage's callback URL. */
  readonly callback?: string;
}

/**
 * The environment that a Lambda of ours finds at its cold start: set it before the handler is imported. Returns what puts
 * the old one back.
 */
export function setLambdaEnvironment({ dynamodb, callback = 'http://127.0.0.1:1/live' }: Endpoints): () => void {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
    [ENVIRONMENT.topicsTable]: TABLE_NAMES.topics,
    [ENVIRONMENT.messagesTable]: TABLE_NAMES.messages,
    [ENVIRONMENT.keysTable]: TABLE_NAMES.keys,
    [ENVIRONMENT.subscriptionsTable]: TABLE_NAMES.subscriptions,
    [ENVIRONMENT.callbackUrl]: callback,
    [ENVIRONMENT.messageRetentionHours]: '24',
    [ENVIRONMENT.shardWorkerFunction]: 'Test-FanOut',
    [ENVIRONMENT.poster]: 'fast',
  });
  return () => {
    process.env = before;
  };
}

import { ENVIRONMENT } from '../../shared/config.ts';
import { TABLE_NAMES } from './tables.ts';

export interface Endpoints {
  readonly dynamodb: string;
  /** The stage's callback URL. */
  readonly callback?: string;
}

/** The environment variables that a Lambda of ours finds at its cold start. */
export const lambdaVariables = ({ dynamodb, callback = 'http://127.0.0.1:1/live' }: Endpoints) => ({
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
  [ENVIRONMENT.stackName]: 'Test',
  [ENVIRONMENT.poster]: 'fast',
});

/** Sets the environment of a Lambda, before its handler is imported. Returns the function that restores the old one. */
export function setLambdaEnvironment(endpoints: Endpoints): () => void {
  const before = { ...process.env };
  Object.assign(process.env, lambdaVariables(endpoints));
  return () => {
    process.env = before;
  };
}

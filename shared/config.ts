import { ConfigError } from './errors.ts';

/**
 * The names of a Lambda's environment variables. infra/ sets each one that names a resource together with the grant on
 * it, and the stack's name for every Lambda.
 */
export const ENVIRONMENT = {
  topicsTable: 'TOPICS_TABLE',
  messagesTable: 'MESSAGES_TABLE',
  keysTable: 'KEYS_TABLE',
  subscriptionsTable: 'SUBSCRIPTIONS_TABLE',
  callbackUrl: 'CALLBACK_URL',
  messageRetentionHours: 'MESSAGE_RETENTION_HOURS',
  shardWorkerFunction: 'SHARD_WORKER_FUNCTION',
  poster: 'POSTER',
  stackName: 'STACK_NAME',
  auth: 'AUTH',
  tokenRules: 'TOKEN_RULES',
  allowedOrigins: 'ALLOWED_ORIGINS',
  rateLimits: 'RATE_LIMITS',
  tableSource: 'TABLE_SOURCE',
  failuresBucket: 'FAILURES_BUCKET',
  topicSettings: 'TOPIC_SETTINGS',
  topicSchemas: 'TOPIC_SCHEMAS',
  longPollSeconds: 'LONG_POLL_SECONDS',
  eventsSeconds: 'EVENTS_SECONDS',
} as const;

/** The file with the definitions of topics, beside the `index.mjs` of each handler that publishes or counts. */
export const SCHEMAS_FILE = 'schemas.mjs';

/** The names of the variables that Lambda itself sets: the region, the function's name and the role's credentials. */
const LAMBDA_ENVIRONMENT = {
  region: 'AWS_REGION',
  functionName: 'AWS_LAMBDA_FUNCTION_NAME',
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
} as const;

/** The CloudWatch namespace of all metrics of the handlers, with the dimensions `service` and `stack`. */
export const METRICS_NAMESPACE = 'Distributary';

/** The posters that a stack can choose from (docs/adr/0009-a-post-of-our-own.md). */
export const POSTERS = ['fast', 'sdk'] as const;

/** The name of a poster: `fast` is the project's own, `sdk` the official client. */
export type Poster = (typeof POSTERS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns an environment variable. Throws ConfigError if it is missing or empty. */
export function requiredText(name: string, environment: Environment = process.env): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new ConfigError(`The environment variable ${name} is required.`);
  return value;
}

/** Returns an environment variable as a positive whole number. Throws ConfigError if it is missing or not one. */
export function requiredCount(name: string, environment: Environment = process.env): number {
  const value = Number(requiredText(name, environment));
  if (!Number.isSafeInteger(value) || value <= 0) throw new ConfigError(`${name} must be a positive whole number.`);
  return value;
}

/** Returns the poster that the stack chose. Throws ConfigError for any value but those of POSTERS. */
export function requiredPoster(environment: Environment = process.env): Poster {
  const value = requiredText(ENVIRONMENT.poster, environment);
  const poster = POSTERS.find((each) => each === value);
  if (poster === undefined) throw new ConfigError(`${ENVIRONMENT.poster} must be one of ${POSTERS.join(', ')}.`);
  return poster;
}

/** Whether the stack authenticates its connections: `on`, or absent. Throws ConfigError for any other value. */
export const readAuth = (environment: Environment = process.env): boolean => readSwitch(ENVIRONMENT.auth, environment);

/** Whether an environment variable is `on`, or absent. Throws ConfigError for any other value. */
export function readSwitch(name: string, environment: Environment = process.env): boolean {
  const value = environment[name];
  if (value === undefined || value === 'on') return value === 'on';
  throw new ConfigError(`${name} must be "on" or absent.`);
}

/** Returns an environment variable as JSON; undefined if it is absent. Throws ConfigError for invalid JSON. */
export function readJson(name: string, environment: Environment = process.env): unknown {
  const text = environment[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`The environment variable ${name} must be JSON.`, { cause });
  }
}

/** The region that a Lambda runs in. Throws ConfigError. */
export const lambdaRegion = (environment: Environment = process.env): string =>
  requiredText(LAMBDA_ENVIRONMENT.region, environment);

/** The name of the running function. Throws ConfigError. */
export const lambdaFunctionName = (environment: Environment = process.env): string =>
  requiredText(LAMBDA_ENVIRONMENT.functionName, environment);

/**
 * Returns the current credentials of a Lambda's role; outside of Lambda there may be no session token. Throws
 * ConfigError if the access key or the secret is missing.
 */
export function lambdaCredentials(environment: Environment = process.env) {
  return {
    accessKeyId: requiredText(LAMBDA_ENVIRONMENT.accessKeyId, environment),
    secretAccessKey: requiredText(LAMBDA_ENVIRONMENT.secretAccessKey, environment),
    sessionToken: environment[LAMBDA_ENVIRONMENT.sessionToken],
  };
}

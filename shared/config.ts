import { ConfigError } from './errors.ts';

/** What a Lambda's environment names. infra/ sets each, and grants with it. */
export const ENVIRONMENT = {
  topicsTable: 'TOPICS_TABLE',
  messagesTable: 'MESSAGES_TABLE',
  keysTable: 'KEYS_TABLE',
  subscriptionsTable: 'SUBSCRIPTIONS_TABLE',
  callbackUrl: 'CALLBACK_URL',
  messageRetentionHours: 'MESSAGE_RETENTION_HOURS',
} as const;

/** The one namespace of all that the handlers measure. */
export const METRICS_NAMESPACE = 'Distributary';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable `name`. Throws ConfigError when it is missing or empty. */
export function requiredText(name: string, environment: Environment = process.env): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new ConfigError(`The environment variable ${name} is required.`);
  return value;
}

/** The variable `name` as a positive whole number. Throws ConfigError. */
export function requiredCount(name: string, environment: Environment = process.env): number {
  const value = Number(requiredText(name, environment));
  if (!Number.isSafeInteger(value) || value <= 0) throw new ConfigError(`${name} must be a positive whole number.`);
  return value;
}

import type { AuthSettings } from '../shared/auth/auth-settings.ts';
import { ENVIRONMENT } from '../shared/config.ts';
import type { HandlerFunction } from './handler-function.ts';
import { readingRevocations } from './reading-revocations.ts';
import type { Settings } from './settings.ts';
import type { Tables } from './tables.ts';

/** The settings and the table by which tokens are verified. */
export interface AuthorizeProps extends Pick<Settings, 'allowedOrigins'> {
  readonly auth: AuthSettings;
  readonly tables: Tables;
}

/** Hands a function the rules of tokens, and grants it to read the secret and what is revoked for a subject. */
export function authorizeBy(handler: HandlerFunction, { auth, allowedOrigins, tables }: AuthorizeProps): void {
  handler.function.addEnvironment(ENVIRONMENT.tokenRules, JSON.stringify(auth));
  handler.function.addEnvironment(ENVIRONMENT.allowedOrigins, JSON.stringify(allowedOrigins));
  const { tableName, tableArn } = tables.subscriptions;
  handler.bind(ENVIRONMENT.subscriptionsTable, tableName, readingRevocations(tableArn));
  if ('secretArn' in auth) handler.allow(['secretsmanager:GetSecretValue'], [auth.secretArn]);
}

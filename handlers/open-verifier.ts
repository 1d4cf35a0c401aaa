import { type AuthSettings, readAllowedOrigins, readAuthSettings } from '../shared/auth/auth-settings.ts';
import { ENVIRONMENT, lambdaCredentials, lambdaRegion, requiredText } from '../shared/config.ts';
import { ConfigError } from '../shared/errors.ts';
import { createCheckRevocations } from '../shared/handshake/check-revocations.ts';
import type { HandshakeRules } from '../shared/handshake/decide-handshake.ts';
import { getSecret } from '../shared/handshake/get-secret.ts';
import { createRemoteKeys } from '../shared/handshake/remote-keys.ts';
import { createSharedSecret } from '../shared/handshake/shared-secret.ts';
import { revocationKey } from '../shared/store/schema.ts';
import { createVerifyToken, type TokenKeys } from '../shared/handshake/verify-token.ts';

/** The variable by which every AWS client finds another address of Secrets Manager. */
const SECRETS_ENDPOINT = 'AWS_ENDPOINT_URL_SECRETS_MANAGER';

/** The variable by which every AWS client finds another address of DynamoDB. */
const DYNAMODB_ENDPOINT = 'AWS_ENDPOINT_URL_DYNAMODB';

/**
 * Opens what the authorizer decides by: the allowed Origins, and the verification of tokens with its keys. Reads no key
 * yet. Throws ConfigError for a variable that is missing or invalid.
 */
export function openHandshakeRules(): HandshakeRules {
  const settings = readAuthSettings(requiredJson(ENVIRONMENT.tokenRules));
  return {
    allowedOrigins: readAllowedOrigins(requiredJson(ENVIRONMENT.allowedOrigins)),
    checkRevocations: createCheckRevocations({
      table: requiredText(ENVIRONMENT.subscriptionsTable),
      keyOf: revocationKey,
      region: lambdaRegion(),
      endpoint: process.env[DYNAMODB_ENDPOINT],
      credentials: () => lambdaCredentials(),
      now: Date.now,
    }),
    verify: createVerifyToken(settings, { keys: openKeys(settings), now: Date.now }),
  };
}

function openKeys(settings: AuthSettings): TokenKeys {
  if ('jwksUri' in settings) return createRemoteKeys(settings.jwksUri, Date.now);
  const deps = { endpoint: process.env[SECRETS_ENDPOINT], credentials: () => lambdaCredentials(), now: Date.now };
  return createSharedSecret({ readSecret: () => getSecret(settings.secretArn, deps), now: Date.now });
}

function requiredJson(name: string): unknown {
  const text = requiredText(name);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`The environment variable ${name} must be JSON.`, { cause });
  }
}

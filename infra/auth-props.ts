import { Token } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { AuthSettings } from '../shared/auth/auth-settings.ts';

/** The authentication by an identity provider, whose public keys verify its tokens, such as a Cognito user pool. */
export interface IdentityProviderAuth {
  /** The tokens' `iss`. */
  readonly issuer: string;
  /** The names of which a token's `aud` must have one. */
  readonly audience: string | readonly string[];
  /** The https address of the provider's public keys (JWKS). */
  readonly jwksUri: string;
  /** The signature algorithms that are accepted, of RS256, PS256, ES256, ES384 and EdDSA. Default: all. */
  readonly algorithms?: readonly string[];
}

/** The authentication by a secret that a back end signs its tokens by. The authorizer is granted to read the secret. */
export interface SecretAuth {
  /** The secret: one of the same app, or imported by its complete ARN. */
  readonly secret: Pick<ISecret, 'secretArn'>;
  /** The tokens' `iss`. Default: any. */
  readonly issuer?: string | undefined;
  /** The names of which a token's `aud` must have one. Default: any. */
  readonly audience?: string | readonly string[] | undefined;
}

/** The authentication by a secret that its whole ARN names, as the setting `auth` of an app does. */
export type SecretArnAuth = Omit<SecretAuth, 'secret'> & { readonly secretArn: string };

/** The authentication of connections. */
export type AuthProps = IdentityProviderAuth | SecretAuth | SecretArnAuth;

type Texts = Readonly<Record<string, unknown>>;

/** The beginnings that stand for ones that are known only after deployment, while the rest of a text is checked. */
const SAMPLES: Readonly<Record<string, string>> = {
  secretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:sample-AbCdEf',
  jwksUri: 'https://sample.example',
};

/** The pattern of a value in a text that is known only after deployment, as the CDK writes it. */
const TOKEN = /\$\{Token\[[^\]]*\]\}/g;

/**
 * Returns the authentication as the setting `auth` has it, with a sample in the place of everything that is known only
 * after deployment, such as the id of a user pool. The Lambda checks the real values when it starts.
 */
export const knownAuth = (auth: AuthProps): Texts =>
  Object.fromEntries(
    Object.entries(textsOf(auth)).map(([name, value]) => [name, known(value, SAMPLES[name])] as const),
  );

/** Returns the settings that were read from `knownAuth`, with the given texts where these are known only later. */
export function withTokens(settings: AuthSettings, auth: AuthProps): AuthSettings {
  const { audience, ...texts } = textsOf(auth);
  const later = Object.entries(texts).filter(([, value]) => Token.isUnresolved(value));
  return {
    ...settings,
    ...(audience === undefined ? {} : { audience: [audience].flat().map(String) }),
    ...Object.fromEntries(later),
  };
}

/** Returns the fields of the setting `auth`, with a secret by its ARN. */
function textsOf(auth: AuthProps): Texts {
  if (!('secret' in auth)) return { ...auth };
  const { secret, ...rest } = auth;
  return { ...rest, secretArn: secret.secretArn };
}

function known(value: unknown, beginning = 'x'): unknown {
  if (Array.isArray(value)) return value.map((each) => known(each));
  if (typeof value !== 'string' || !Token.isUnresolved(value)) return value;
  return value.replaceAll(TOKEN, (_, offset: number) => (offset === 0 ? beginning : 'x'));
}

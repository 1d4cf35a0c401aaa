import * as z from 'zod/mini';
import { ConfigError } from '../errors.ts';
import { faultsIn, isObject } from '../protocol/decode-frame.ts';

/**
 * The signature algorithms that a set of public keys may be used with. `none` and all shared-secret algorithms are
 * missing on purpose: a public key must never be taken for a secret.
 */
const PUBLIC_KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;

/** The signature algorithms that a shared secret may be used with. */
const SECRET_ALGORITHMS = ['HS256'] as const;

/** The hosts to which plain HTTP may be spoken, for the local runtime and for tests. */
const OWN_MACHINE: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost']);

/** The pattern of a whole ARN of a secret, with the six characters that Secrets Manager adds to its name. */
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$/;

const textSchema = z.string('must be a text').check(z.minLength(1, 'must not be empty'), z.maxLength(512, 'too long'));

/** The schema of `audience`: one text, or a list of texts of which a token must name one. */
const audienceSchema = z.pipe(
  z.union([
    textSchema,
    z.array(textSchema).check(z.minLength(1, 'must not be empty'), z.maxLength(20, 'at most 20 audiences')),
  ]),
  z.transform((value): readonly string[] => [value].flat()),
);

const jwksUriSchema = z
  .string('must be a text')
  .check(z.refine(isSafeAddress, 'must be an https URL without a user, or an http URL of 127.0.0.1 or localhost'));

const keySetSchema = z.strictObject({
  issuer: textSchema,
  audience: audienceSchema,
  jwksUri: jwksUriSchema,
  algorithms: z.optional(algorithmsSchema(PUBLIC_KEY_ALGORITHMS)),
});

const secretSchema = z.strictObject({
  secretArn: z.string('must be a text').check(z.regex(SECRET_ARN, 'must be the whole ARN of a secret')),
  issuer: z.optional(textSchema),
  audience: z.optional(audienceSchema),
  algorithms: z.optional(algorithmsSchema(SECRET_ALGORITHMS)),
});

/**
 * The settings of authentication: for tokens that an identity provider signs, whose public keys it serves at `jwksUri`,
 * or for tokens that a back end signs by the secret `secretArn`.
 */
export type AuthSettings = (
  | Omit<z.infer<typeof keySetSchema>, 'algorithms'>
  | Omit<z.infer<typeof secretSchema>, 'algorithms'>
) & { readonly algorithms: readonly string[] };

/**
 * Returns the settings of authentication from the stack's setting `auth` or from a Lambda's environment. Accepts its
 * own result. Throws ConfigError, which names the faulty part.
 */
export function readAuthSettings(value: unknown): AuthSettings {
  if (!isObject(value)) throw new ConfigError('auth must be an object of settings.');
  if ('jwksUri' in value === 'secretArn' in value) throw new ConfigError('auth must have either jwksUri or secretArn.');
  const result = ('jwksUri' in value ? keySetSchema : secretSchema).safeParse(value);
  if (result.success) return withAlgorithms(result.data);
  const faults = faultsIn(result.error).map(({ path, reason }) => `auth.${path}: ${reason}`);
  throw new ConfigError(faults.join('; '));
}

const withAlgorithms = (settings: z.infer<typeof keySetSchema> | z.infer<typeof secretSchema>): AuthSettings => ({
  ...settings,
  algorithms: settings.algorithms ?? ('jwksUri' in settings ? PUBLIC_KEY_ALGORITHMS : SECRET_ALGORITHMS),
});

/**
 * Returns the list of allowed Origins, each as a browser sends it: scheme, host and port without a path. Throws
 * ConfigError, which names the faulty one.
 */
export function readAllowedOrigins(value: unknown): readonly string[] {
  const origins: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (origins === undefined) throw new ConfigError('allowedOrigins must be a list of Origins.');
  if (origins.length > 20) throw new ConfigError('allowedOrigins: at most 20 Origins.');
  return origins.map((origin) => {
    if (typeof origin === 'string' && isOrigin(origin)) return origin;
    throw new ConfigError(`allowedOrigins: ${JSON.stringify(origin)} is not an Origin like https://app.example.com.`);
  });
}

function algorithmsSchema<const T extends readonly [string, ...string[]]>(allowed: T) {
  const rule = `must be of ${allowed.join(', ')}`;
  return z.array(z.enum(allowed, rule), 'must be a list').check(z.minLength(1, 'must not be empty'));
}

function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && OWN_MACHINE.has(url.hostname));
}

const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
};
